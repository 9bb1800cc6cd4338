import Torch

/// The named terms of one training step: their weighted sum to differentiate, and their values to log.
public struct LossReport {
    /// One term: its unweighted value, a scalar tensor, and its weight in the sum.
    public struct Term {
        public let name: String
        public let value: Tensor
        public let weight: Double
    }

    public private(set) var terms: [Term] = []

    public init() {}

    /// Adds a term.
    /// - Parameters:
    ///   - value: scalar, unweighted.
    ///   - weight: factor in the total; a term of weight 0 is logged but not differentiated.
    public mutating func add(_ name: String, _ value: Tensor, weight: Double = 1) {
        terms.append(Term(name: name, value: value, weight: weight))
    }

    /// The weighted sum, to call `backward()` on.
    /// - Throws: `TorchError.invalidArgument` when no term has a weight.
    public func total() throws(TorchError) -> Tensor {
        var sum: Tensor?
        for term in terms where term.weight != 0 {
            let part = term.weight == 1 ? term.value : try term.value * term.weight
            if let before = sum { sum = try before + part } else { sum = part }
        }
        guard let sum else {
            throw .invalidArgument("total of losses \(terms.map(\.name)): expected a term of non-zero weight")
        }
        return sum
    }

    /// The unweighted values by name, read from the device once.
    /// - Throws: `UnmaskingError.notFinite` naming the first term that is NaN or infinite, or `TorchError`.
    public func scalars() throws -> [String: Double] {
        guard !terms.isEmpty else { return [:] }
        let values = try Tensor.stack(terms.map { try $0.value.detach().to(dtype: .float32).reshape([]) })
            .floats()
        let named = Dictionary(
            zip(terms.map(\.name), values.map(Double.init)), uniquingKeysWith: { first, _ in first })
        if let (term, value) = zip(terms, values).first(where: { !$1.isFinite }) {
            throw UnmaskingError.notFinite(term: term.name, value: Double(value), terms: named)
        }
        return named
    }
}
