import Torch

/// Parameters that share settings.
public struct ParameterGroup {
    public var name: String
    public var parameters: [Tensor]
    /// Learning rate before the schedule's factor.
    public var baseRate: Double
    /// Factor set by a schedule; the rate in use is `baseRate · factor`.
    public var factor: Double = 1
    public var weightDecay: Double

    public var rate: Double { baseRate * factor }

    public init(_ parameters: [Tensor], name: String = "all", rate: Double, weightDecay: Double = 0) {
        self.name = name
        self.parameters = parameters
        baseRate = rate
        self.weightDecay = weightDecay
    }
}

/// Updates parameters from their gradients. Parameters without a gradient are left alone.
public protocol Optimizer: AnyObject {
    var groups: [ParameterGroup] { get set }
    func step() throws(TorchError)
    /// Moments and counters by key; parameters are numbered over all groups in order.
    func stateDict() throws(TorchError) -> [String: Tensor]
    func load(_ state: [String: Tensor], source: String) throws(TorchError)
}

extension Optimizer {
    public func zeroGrad() throws(TorchError) {
        for group in groups { for parameter in group.parameters { try parameter.setGrad(nil) } }
    }

    /// Sets every group's schedule factor.
    public func setFactor(_ factor: Double) { for index in groups.indices { groups[index].factor = factor } }

    public var allParameters: [Tensor] { groups.flatMap(\.parameters) }

    /// Scales gradients so that their joint 2-norm is at most `limit`; returns the norm before.
    @discardableResult
    public func clipGradients(norm limit: Double) throws(TorchError) -> Double {
        try NN.clipGradients(of: allParameters, norm: limit)
    }
}

/// Scales gradients so that their joint 2-norm is at most `limit`; returns the norm before (as PyTorch's `clip_grad_norm_`).
@discardableResult
public func clipGradients(of parameters: [Tensor], norm limit: Double) throws(TorchError) -> Double {
    var gradients: [Tensor] = []
    for parameter in parameters { if let grad = try parameter.grad { gradients.append(grad) } }
    guard !gradients.isEmpty else { return 0 }
    return try noGrad { () throws(TorchError) in
        var norms: [Tensor] = []
        for gradient in gradients { norms.append(try gradient.norm()) }
        let total = try Tensor.stack(norms).norm().item()
        let scale = limit / (total + 1e-6)
        if scale < 1 { for gradient in gradients { try gradient.mul_(scale) } }
        return total
    }
}

extension Tensor {
    /// A copy with another tensor's type, device and order in memory.
    func like(_ other: Tensor) throws(TorchError) -> Tensor {
        try noGrad { () throws(TorchError) in
            let copy = try other.detach().zerosLike()
            try copy.copy_(self)
            return copy
        }
    }
}
