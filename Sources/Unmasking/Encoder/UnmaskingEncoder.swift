import NN
import Torch

/// A network that maps face images to the codes of a StyleGAN2 generator.
///
/// The pipeline and the trainers know only this; our `PyramidEncoder` and the published pSp and e4e encoders fit behind
/// it.
public protocol UnmaskingEncoder: Module {
    /// Height and width of the input.
    var inputSize: Int { get }
    /// 3 for an image; 6 for an image and the current reconstruction (ReStyle).
    var inputChannels: Int { get }
    var styleCount: Int { get }
    var styleDimension: Int { get }
    /// The code that the predicted offsets are added to, [1, styleDimension] or [1, styleCount, styleDimension].
    var meanLatent: Tensor { get }

    /// - Parameters:
    ///   - image: [batch, inputChannels, inputSize, inputSize] in [-1, 1].
    ///   - activeDeltas: how many of the styles 1… may differ from style 0 (progressive training of e4e): 0 gives a W
    ///     code, nil or styleCount - 1 all.
    ///   - previous: W+ codes to refine, [batch, styleCount, styleDimension] (ReStyle); nil starts at the mean.
    func encode(_ image: Tensor, activeDeltas: Int?, previous: Tensor?) throws(TorchError) -> EncodedFace
}

extension UnmaskingEncoder {
    public func encode(_ image: Tensor) throws(TorchError) -> EncodedFace {
        try encode(image, activeDeltas: nil, previous: nil)
    }

    /// Makes W+ codes of the heads' output: mean + w0 + deltas (Tov et al. 2021, e4e).
    ///
    /// - Parameter offsets: [batch, styleCount, styleDimension]; row 0 is w0, the others are deltas from it.
    /// - Returns: W+ codes of the same shape.
    public func compose(_ offsets: Tensor, activeDeltas: Int?, previous: Tensor?) throws(TorchError) -> Tensor
    {
        var base = meanLatent
        if base.rank == 2 { base = try base.unsqueeze(1) }
        if let previous { base = previous }
        let first = try offsets.narrow(1, 0, 1)
        let active = min(max(activeDeltas ?? styleCount - 1, 0), styleCount - 1)
        guard active > 0 else { return try base + first.expand([-1, styleCount, -1]) }
        var rows = [first, try offsets.narrow(1, 1, active) + first]
        if active < styleCount - 1 { rows.append(try first.expand([-1, styleCount - 1 - active, -1])) }
        return try base + Tensor.cat(rows, dim: 1)
    }

    func checkInput(_ image: Tensor) throws(TorchError) {
        guard image.rank == 4, image.shape.suffix(3) == [inputChannels, inputSize, inputSize] else {
            throw .invalidArgument(
                "encoder input \(image.shape): expected [batch, \(inputChannels), \(inputSize), \(inputSize)]"
            )
        }
    }
}
