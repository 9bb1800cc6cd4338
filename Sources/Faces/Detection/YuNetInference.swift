import NN
import Torch

/// `YuNet` laid out for inference: the same numbers in fewer passes over memory.
///
/// ReLU is done with the convolution before it, the four heads of a level are one convolution of 16 channels, and the first layer
/// takes RGB, so that no photo's colours are swapped. The weights are those that the network had when this was made.
final class YuNetInference {
    /// Channels of an output, per cell: logits of class and object, box, five points.
    static let channels = 16

    private struct Convolution {
        let weight: Tensor
        let bias: Tensor?
        let groups: Int

        init(_ layer: Conv2d) throws(TorchError) {
            weight = try layer.weight.channelsLast()
            bias = layer.bias
            groups = layer.groups
        }

        /// Several layers with the same input as one, whose output has theirs one after the other. Of depthwise layers the inputs
        /// follow each other too.
        init(joining layers: [Conv2d]) throws(TorchError) {
            weight = try .cat(layers.map(\.weight)).channelsLast()
            bias = try .cat(layers.compactMap(\.bias))
            groups = layers.allSatisfy { $0.groups == 1 } ? 1 : layers.reduce(0) { $0 + $1.groups }
        }

        init(swappingColoursOf layer: Conv2d) throws(TorchError) {
            weight = try layer.weight.flip([1]).channelsLast()
            bias = layer.bias
            groups = 1
        }

        func callAsFunction(_ x: Tensor, stride: Int = 1, padding: Int = 0, relu: Bool) throws(TorchError)
            -> Tensor
        {
            try x.inferredConv2d(
                weight, bias: bias, stride: stride, padding: padding, groups: groups, relu: relu)
        }
    }

    private struct Separable {
        let pointwise: Convolution
        let depthwise: Convolution
        let relu: Bool

        init(_ layer: YuNet.Separable) throws(TorchError) {
            pointwise = try Convolution(layer.conv1)
            depthwise = try Convolution(layer.conv2)
            relu = true
        }

        init(heads: [YuNet.Separable]) throws(TorchError) {
            pointwise = try Convolution(joining: heads.map(\.conv1))
            depthwise = try Convolution(joining: heads.map(\.conv2))
            relu = false
        }

        func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
            try depthwise(pointwise(x, relu: false), padding: 1, relu: relu)
        }
    }

    private let stem: Convolution
    /// Layers between two poolings.
    private let stages: [[Separable]]
    private let lateral: [Separable]
    private let heads: [Separable]

    init(_ network: YuNet) throws(TorchError) {
        stem = try Convolution(swappingColoursOf: network.model0.conv1)
        func pair(_ layer: YuNet.Pair) throws(TorchError) -> [Separable] {
            [try Separable(layer.conv1), try Separable(layer.conv2)]
        }
        stages = [
            [try Separable(network.model0.conv2)], try pair(network.model1) + pair(network.model2),
            try pair(network.model3), try pair(network.model4), try pair(network.model5),
        ]
        var lateral: [Separable] = []
        var heads: [Separable] = []
        for level in network.lateral.indices {
            lateral.append(try Separable(network.lateral[level]))
            heads.append(
                try Separable(heads: [
                    network.cls[level], network.obj[level], network.bbox[level], network.kps[level],
                ]))
        }
        self.lateral = lateral
        self.heads = heads
    }

    /// - Parameter x: RGB, 0…255, [batch, 3, height, width], channels last in memory; sides are multiples of 32.
    /// - Returns: of stride 8, 16 and 32, [batch, h, w, 16]: logits of class and object, box (4), points (10), both in units of the
    ///   stride.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> [Tensor] {
        var x = try stem(x, stride: 2, padding: 1, relu: true)
        var features: [Tensor] = []
        for (index, stage) in stages.enumerated() {
            if index > 0 { x = try x.maxPool2d(kernel: 2) }
            for layer in stage { x = try layer(x) }
            if index > 1 { features.append(x) }
        }
        // From the coarsest level to the finest.
        var above: Tensor?
        var outputs: [Tensor] = []
        for level in features.indices.reversed() {
            var feature = features[level]
            if let above {
                feature =
                    try feature
                    + above.interpolate(size: [feature.size(2), feature.size(3)], mode: .nearest)
            }
            let merged = try lateral[level](feature)
            above = merged
            outputs.append(try heads[level](merged).permute([0, 2, 3, 1]))
        }
        return outputs.reversed()
    }
}
