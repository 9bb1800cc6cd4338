import NN
import Torch

/// One of the two outputs: blocks of which the first halves the resolution, a reduction to 32 channels, one block more, and a
/// convolution over all that is left. [batch, in, 6, 6] -> [batch, out, 1, 1].
public final class FaceMeshHead: Module {
    public let blocks: [FaceMeshBlock]
    public let reduce: Reduction
    public let last: FaceMeshBlock
    public let output: Conv2d

    /// Pointwise convolution to 32 channels.
    public final class Reduction: Module {
        public let conv: Conv2d
        public let relu: PReLU

        init(_ input: Int, in context: Context) throws(TorchError) {
            conv = try Conv2d(input, 32, kernel: 1, in: context)
            relu = try PReLU(32, in: context)
            super.init()
        }

        public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try relu(conv(x)) }
    }

    init(_ input: Int, _ outputs: Int, blocks count: Int, in context: Context) throws(TorchError) {
        var blocks: [FaceMeshBlock] = []
        for index in 0..<count {
            blocks.append(try FaceMeshBlock(input, input, stride: index == 0 ? 2 : 1, in: context))
        }
        self.blocks = blocks
        reduce = try Reduction(input, in: context)
        last = try FaceMeshBlock(32, 32, stride: 1, in: context)
        output = try Conv2d(32, outputs, kernel: 3, in: context)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        var x = x
        for block in blocks { x = try block(x) }
        return try output(last(reduce(x)))
    }
}
