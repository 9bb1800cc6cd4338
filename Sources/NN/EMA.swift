import Torch

/// Exponential moving average of a network's weights, kept in a twin network:
/// average = decay·average + (1 - decay)·value for parameters; buffers are copied.
public final class EMA<Network: Module> {
    public let average: Network
    public private(set) var decay: Double
    private let targets: [Tensor]
    private let sources: [Tensor]
    private let buffers: [(Tensor, Tensor)]

    /// - Parameter average: a network of the same structure; it becomes a copy of `network`, in evaluation mode, frozen.
    public init(of network: Network, average: Network, decay: Double) throws(TorchError) {
        guard decay >= 0, decay < 1 else {
            throw .invalidArgument("EMA: decay \(decay), expected 0 <= decay < 1")
        }
        try average.copy(from: network)
        try average.requiresGrad_(false)
        average.evaluate()
        self.average = average
        self.decay = decay
        targets = average.parameters()
        sources = network.parameters()
        buffers = Array(zip(average.namedBuffers().map(\.tensor), network.namedBuffers().map(\.tensor)))
    }

    /// - Parameter decay: overrides the decay for this update (a ramp at the start).
    public func update(decay: Double? = nil) throws(TorchError) {
        try noGrad { () throws(TorchError) in
            _ = try Tensor.call("aten::_foreach_lerp_.Scalar", targets, sources, 1 - (decay ?? self.decay))
            for (target, source) in buffers { try target.copy_(source) }
        }
    }
}
