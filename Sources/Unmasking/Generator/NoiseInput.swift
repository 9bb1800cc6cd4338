import Torch

/// Where the per-pixel noise of a synthesis comes from.
public enum NoiseInput {
    /// No noise at all: cheapest, and what reconstruction wants.
    case none
    /// The buffers of the checkpoint: the same picture every time.
    case constant
    /// Fresh normal noise per image.
    case random(Generator)
    /// One field per noise layer, [batch or 1, 1, height, width] each, lowest resolution first.
    case given([Tensor])
}
