import Torch

/// The encoder of pSp ("Encoding in Style", Richardson et al. 2021): every style is predicted on its own, as a difference from
/// the mean latent. Styles that are left out (`activeDeltas`) repeat style 0, which only makes sense in training.
public final class GradualStyleEncoder: StylePyramid {
    public override func assemble(_ offsets: Tensor) throws(TorchError) -> Tensor {
        let absent = styleCount - offsets.size(1)
        guard absent > 0 else { return offsets }
        return try .cat([offsets, offsets.narrow(1, 0, 1).expand([-1, absent, -1])], dim: 1)
    }
}
