import Torch

/// Mean absolute difference, over what is drawn, to the mirror image of what the averaged networks draw of the mirrored photo.
///
/// A mouth that the photo makes crooked is crooked the other way round in the mirror. One that is crooked the same way in every face is
/// a pattern of the networks', which identity losses like and this one pays for.
public struct MirrorConsistencyLoss: Codable, Sendable, Equatable {
    public var weight: Double

    public init(weight: Double = 1) { self.weight = weight }

    /// - Parameters:
    ///   - output, mirrored: [batch, channels, height, width]; no gradient flows into the second.
    ///   - drawn: how much of each pixel is drawn, [batch, 1, height, width] in 0…1.
    public func callAsFunction(_ output: Tensor, mirrored: Tensor, drawn: Tensor) throws(TorchError) -> Tensor
    {
        let difference = try (output - mirrored.detach()).abs() * drawn
        return try difference.sum() / (drawn.sum() * Double(output.size(1))).clamp(min: 1e-6)
    }
}
