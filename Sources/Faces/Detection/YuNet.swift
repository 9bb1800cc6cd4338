import NN
import Torch

/// YuNet, 2023 March version (Wu et al. 2023, "YuNet: A Tiny Millisecond-level Face Detector"): a depthwise separable trunk, a
/// top-down pyramid at strides 8, 16 and 32, and four heads per level.
public final class YuNet: Module {
    public let model0: Stem
    public let model1: Pair
    public let model2: Pair
    public let model3: Pair
    public let model4: Pair
    public let model5: Pair
    public let lateral: [Separable]
    public let cls: [Separable]
    public let bbox: [Separable]
    public let obj: [Separable]
    public let kps: [Separable]

    /// 1x1 then depthwise 3x3 convolution.
    public final class Separable: Module {
        public let conv1: Conv2d
        public let conv2: Conv2d
        private let activated: Bool

        init(_ input: Int, _ output: Int, activated: Bool = true, in context: Context) throws(TorchError) {
            conv1 = try Conv2d(input, output, kernel: 1, in: context)
            conv2 = try Conv2d(output, output, kernel: 3, padding: 1, groups: output, in: context)
            self.activated = activated
            super.init()
        }

        public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
            let y = try conv2(conv1(x))
            return activated ? try y.relu() : y
        }
    }

    public final class Stem: Module {
        public let conv1: Conv2d
        public let conv2: Separable

        init(in context: Context) throws(TorchError) {
            conv1 = try Conv2d(3, 16, kernel: 3, stride: 2, padding: 1, in: context)
            conv2 = try Separable(16, 16, in: context)
            super.init()
        }

        public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
            try conv2(conv1(x).relu())
        }
    }

    public final class Pair: Module {
        public let conv1: Separable
        public let conv2: Separable

        init(_ input: Int, _ output: Int, in context: Context) throws(TorchError) {
            conv1 = try Separable(input, input, in: context)
            conv2 = try Separable(input, output, in: context)
            super.init()
        }

        public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try conv2(conv1(x)) }
    }

    /// One pyramid level's predictions for a batch: [batch, channels, h, w] each; class and objectness are logits, boxes and
    /// points are offsets in units of the stride.
    public struct Level {
        public var stride: Int
        public var classLogits: Tensor
        public var objectLogits: Tensor
        public var boxes: Tensor
        public var points: Tensor
    }

    public init(in context: Context) throws(TorchError) {
        model0 = try Stem(in: context)
        model1 = try Pair(16, 32, in: context)
        model2 = try Pair(32, 64, in: context)
        model3 = try Pair(64, 64, in: context)
        model4 = try Pair(64, 64, in: context)
        model5 = try Pair(64, 64, in: context)
        func heads(_ output: Int) throws(TorchError) -> [Separable] {
            var list: [Separable] = []
            for _ in 0..<3 { list.append(try Separable(64, output, activated: output == 64, in: context)) }
            return list
        }
        lateral = try heads(64)
        cls = try heads(1)
        bbox = try heads(4)
        obj = try heads(1)
        kps = try heads(10)
        super.init()
        evaluate()
    }

    /// - Parameter x: BGR, 0…255, [batch, 3, height, width]; sides are multiples of 32.
    /// - Returns: levels of stride 8, 16 and 32.
    public func levels(_ x: Tensor) throws(TorchError) -> [Level] {
        guard x.rank == 4, x.size(1) == 3, x.size(2) % 32 == 0, x.size(3) % 32 == 0 else {
            throw .invalidArgument(
                "YuNet input \(x.shape): expected [batch, 3, h, w] with sides divisible by 32")
        }
        let low = try model2(model1(model0(x).maxPool2d(kernel: 2)))
        let fine = try model3(low.maxPool2d(kernel: 2))
        let middle = try model4(fine.maxPool2d(kernel: 2))
        let coarse = try model5(middle.maxPool2d(kernel: 2))
        let p2 = try lateral[2](coarse)
        let p1 = try lateral[1](
            middle + p2.interpolate(size: [middle.size(2), middle.size(3)], mode: .nearest))
        let p0 = try lateral[0](fine + p1.interpolate(size: [fine.size(2), fine.size(3)], mode: .nearest))
        var result: [Level] = []
        for (index, feature) in [p0, p1, p2].enumerated() {
            result.append(
                Level(
                    stride: 8 << index, classLogits: try cls[index](feature),
                    objectLogits: try obj[index](feature),
                    boxes: try bbox[index](feature), points: try kps[index](feature)))
        }
        return result
    }
}
