import Torch

/// The encoder of e4e ("Designing an Encoder for StyleGAN Image Manipulation", Tov et al. 2021): one code w0 for all styles,
/// and for every further style a delta from it. Codes are the mean latent + w0 + deltas; a delta that is left out
/// (`activeDeltas`) is zero.
public final class Encoder4Editing: StylePyramid {
    public override func assemble(_ offsets: Tensor) throws(TorchError) -> Tensor {
        let count = offsets.size(1)
        let first = try offsets.narrow(1, 0, 1)
        var rows = [first]
        if count > 1 { rows.append(try offsets.narrow(1, 1, count - 1) + first) }
        if count < styleCount { rows.append(try first.expand([-1, styleCount - count, -1])) }
        return try .cat(rows, dim: 1)
    }
}
