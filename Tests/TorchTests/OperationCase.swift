import Torch

/// One operation of the room, under the name that the reference script gave it.
struct OperationCase: Sendable {
    let name: String
    let body: @Sendable ([Tensor]) throws -> [Tensor]

    init(_ name: String, _ body: @escaping @Sendable ([Tensor]) throws -> [Tensor]) {
        self.name = name
        self.body = body
    }

    static func one(_ name: String, _ body: @escaping @Sendable ([Tensor]) throws -> Tensor) -> OperationCase
    {
        OperationCase(name) { [try body($0)] }
    }

    static let all: [OperationCase] =
        arithmetic + comparisons + reductions + shapes + joins + algebra + convolutions + pooling + resampling
        + activations + normalisation + losses
}
