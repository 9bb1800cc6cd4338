import Torch

/// The named terms of a loss: scalars with weights.
public struct Losses {
    public struct Term {
        public let name: String
        /// Unweighted, one element.
        public let value: Tensor
        public let weight: Double
    }

    public private(set) var terms: [Term] = []

    public init() {}

    /// - Parameter weight: factor in the total; a term of weight 0 is logged but not differentiated.
    public mutating func add(_ name: String, _ value: Tensor, weight: Double = 1) {
        terms.append(Term(name: name, value: value, weight: weight))
    }

    /// The weighted sum.
    /// - Throws: `TorchError.invalidArgument` when no term has a weight.
    public func total() throws(TorchError) -> Tensor {
        var sum: Tensor?
        for term in terms where term.weight != 0 {
            let part = term.weight == 1 ? term.value : try term.value * term.weight
            if let before = sum { sum = try before + part } else { sum = part }
        }
        guard let sum else {
            throw .invalidArgument("losses \(terms.map(\.name)): expected a term of non-zero weight")
        }
        return sum
    }

    /// The unweighted values, read from the device in one transfer.
    public func values() throws(TorchError) -> [(name: String, value: Double)] {
        guard !terms.isEmpty else { return [] }
        var scalars: [Tensor] = []
        for term in terms { scalars.append(try term.value.detach().to(dtype: .float32).reshape([])) }
        return zip(terms, try Tensor.stack(scalars).floats()).map { ($0.name, Double($1)) }
    }
}
