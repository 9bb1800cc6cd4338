import Torch

/// Adam (Kingma & Ba 2015), and AdamW (Loshchilov & Hutter 2019) with `decoupled` weight decay. libtorch's fused kernel does
/// the update.
public final class Adam: Optimizer {
    public var groups: [ParameterGroup]
    public let beta1: Double
    public let beta2: Double
    public let eps: Double
    public let decoupled: Bool
    private var moments: [Moments?]

    private struct Moments {
        var first: Tensor
        var second: Tensor
        var steps: Tensor
    }

    public init(
        _ groups: [ParameterGroup], betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
        decoupled: Bool = false
    ) {
        self.groups = groups
        beta1 = betas.0
        beta2 = betas.1
        self.eps = eps
        self.decoupled = decoupled
        moments = Array(repeating: nil, count: groups.reduce(0) { $0 + $1.parameters.count })
    }

    public convenience init(
        _ parameters: [Tensor], rate: Double, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
        weightDecay: Double = 0, decoupled: Bool = false
    ) {
        self.init(
            [ParameterGroup(parameters, rate: rate, weightDecay: weightDecay)], betas: betas, eps: eps,
            decoupled: decoupled)
    }

    public func step() throws(TorchError) {
        var index = 0
        for group in groups {
            var parameters: [Tensor] = []
            var gradients: [Tensor] = []
            var first: [Tensor] = []
            var second: [Tensor] = []
            var steps: [Tensor] = []
            for parameter in group.parameters {
                defer { index += 1 }
                guard let gradient = try parameter.grad else { continue }
                if moments[index] == nil {
                    moments[index] = Moments(
                        first: try parameter.detach().zerosLike(), second: try parameter.detach().zerosLike(),
                        steps: try .zeros([], device: parameter.device))
                }
                let own = moments[index]!
                parameters.append(parameter)
                // The fused kernel walks through memory: all must be laid out as the parameter is.
                gradients.append(
                    gradient.strides == parameter.strides
                        ? gradient
                        : try noGrad { () throws(TorchError) in try parameter.emptyLike().copy_(gradient) })
                first.append(own.first)
                second.append(own.second)
                steps.append(own.steps)
            }
            guard !parameters.isEmpty else { continue }
            try noGrad { () throws(TorchError) in
                for step in steps { try step.add_(1) }
                _ = try Tensor.call(
                    decoupled ? "aten::_fused_adamw_" : "aten::_fused_adam_", parameters, gradients, first,
                    second,
                    OperatorArgument.tensors([]), steps, group.rate, beta1, beta2, group.weightDecay, eps,
                    false,
                    false)
            }
        }
    }

    public func stateDict() throws(TorchError) -> [String: Tensor] {
        var state: [String: Tensor] = [:]
        for (index, moment) in moments.enumerated() {
            guard let moment else { continue }
            state["\(index).exp_avg"] = moment.first
            state["\(index).exp_avg_sq"] = moment.second
            state["\(index).step"] = moment.steps
        }
        return state
    }

    public func load(_ state: [String: Tensor], source: String) throws(TorchError) {
        let parameters = allParameters
        var loaded = moments.map { _ in Moments?.none }
        var bad: [String] = []
        for key in state.keys.sorted() {
            guard let index = key.split(separator: ".").first.flatMap({ Int($0) }),
                loaded.indices.contains(index)
            else {
                bad.append(key)
                continue
            }
            guard loaded[index] == nil else { continue }
            guard let first = state["\(index).exp_avg"], let second = state["\(index).exp_avg_sq"],
                let steps = state["\(index).step"], first.shape == parameters[index].shape,
                second.shape == first.shape, steps.count == 1
            else {
                bad.append(key)
                continue
            }
            // A file holds the values in plain order; the fused kernel needs them laid out as the parameter is.
            let parameter = parameters[index]
            loaded[index] = Moments(
                first: try first.like(parameter), second: try second.like(parameter),
                steps: try steps.to(device: parameter.device).clone())
        }
        guard bad.isEmpty else {
            throw .stateDict(source: source, missing: [], unexpected: bad, mismatched: [])
        }
        moments = loaded
    }
}

/// Adam with decoupled weight decay.
public func adamW(
    _ parameters: [Tensor], rate: Double, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 0.01
) -> Adam { Adam(parameters, rate: rate, betas: betas, eps: eps, weightDecay: weightDecay, decoupled: true) }
