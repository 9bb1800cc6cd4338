import Torch

/// Stochastic gradient descent with momentum, as PyTorch: g += decay·p; v = momentum·v + g (v = g at first);
/// p -= rate·(nesterov ? g + momentum·v : v).
public final class SGD: Optimizer {
    public var groups: [ParameterGroup]
    public let momentum: Double
    public let nesterov: Bool
    private var velocity: [Tensor?]

    public init(_ groups: [ParameterGroup], momentum: Double = 0, nesterov: Bool = false) {
        self.groups = groups
        self.momentum = momentum
        self.nesterov = nesterov
        velocity = Array(repeating: nil, count: groups.reduce(0) { $0 + $1.parameters.count })
    }

    public convenience init(
        _ parameters: [Tensor], rate: Double, momentum: Double = 0, nesterov: Bool = false,
        weightDecay: Double = 0
    ) {
        self.init(
            [ParameterGroup(parameters, rate: rate, weightDecay: weightDecay)], momentum: momentum,
            nesterov: nesterov)
    }

    public func step() throws(TorchError) {
        try noGrad { () throws(TorchError) in
            var index = 0
            for group in groups {
                for parameter in group.parameters {
                    defer { index += 1 }
                    guard var gradient = try parameter.grad else { continue }
                    if group.weightDecay != 0 { gradient = try gradient + parameter * group.weightDecay }
                    if momentum != 0 {
                        if let moving = velocity[index] {
                            try moving.mul_(momentum).add_(gradient)
                        } else {
                            velocity[index] = try gradient.clone()
                        }
                        let moving = velocity[index]!
                        gradient = nesterov ? try gradient + moving * momentum : moving
                    }
                    try parameter.add_(gradient, alpha: -group.rate)
                }
            }
        }
    }

    public func stateDict() throws(TorchError) -> [String: Tensor] {
        var state: [String: Tensor] = [:]
        for (index, moving) in velocity.enumerated() {
            if let moving { state["\(index).momentum_buffer"] = moving }
        }
        return state
    }

    public func load(_ state: [String: Tensor], source: String) throws(TorchError) {
        let parameters = allParameters
        var loaded = velocity.map { _ in Tensor?.none }
        for (key, tensor) in state.sorted(by: { $0.key < $1.key }) {
            guard let index = key.split(separator: ".").first.flatMap({ Int($0) }),
                loaded.indices.contains(index),
                key == "\(index).momentum_buffer", tensor.shape == parameters[index].shape
            else { throw .stateDict(source: source, missing: [], unexpected: [key], mismatched: []) }
            loaded[index] = try tensor.like(parameters[index])
        }
        velocity = loaded
    }
}
