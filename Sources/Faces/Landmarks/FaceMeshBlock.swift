import NN
import Torch

/// Depthwise 3x3 and pointwise convolution beside a shortcut, then PReLU. With stride 2 the shortcut takes the maximum of
/// 2x2 blocks; new channels start from zeros.
/// [batch, in, h, w] -> [batch, out, h / stride, w / stride], out >= in.
public final class FaceMeshBlock: Module {
    public let depthwise: Conv2d
    public let pointwise: Conv2d
    public let relu: PReLU
    private let stride: Int
    private let added: Int

    init(_ input: Int, _ output: Int, stride: Int, in context: Context) throws(TorchError) {
        depthwise = try Conv2d(
            input, input, kernel: 3, stride: stride, padding: stride == 1 ? 1 : 0, groups: input, in: context)
        pointwise = try Conv2d(input, output, kernel: 1, in: context)
        relu = try PReLU(output, in: context)
        self.stride = stride
        added = output - input
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let y = try pointwise(depthwise(stride == 1 ? x : x.pad([0, 1, 0, 1])))
        var shortcut = stride == 1 ? x : try x.maxPool2d(kernel: 2)
        if added > 0 { shortcut = try shortcut.pad([0, 0, 0, 0, 0, added]) }
        return try relu(shortcut + y)
    }
}
