import Imaging
import Perceptual
import Torch

/// How far a recovered face is from the true one where the mask hid it.
public struct HiddenRegionScores: Codable, Sendable, Equatable {
    /// Mean absolute difference over hidden pixels, weighted by alpha; 0…1.
    public var l1: Double
    /// LPIPS (AlexNet) with every layer averaged over the hidden region.
    public var lpips: Double

    public init(l1: Double, lpips: Double) {
        self.l1 = l1
        self.lpips = lpips
    }

    /// - Parameters:
    ///   - face, truth: [3, s, s] in 0…1.
    ///   - alpha: the true mask, [1, s, s], with at least one pixel.
    public static func measure(_ face: FloatImage, truth: FloatImage, alpha: FloatImage, lpips: LPIPS) throws
        -> HiddenRegionScores
    {
        let plane = face.width * face.height
        var difference = 0.0
        var weight = 0.0
        for i in 0..<plane {
            let a = Double(alpha.data[i])
            weight += a
            for c in 0..<3 {
                difference += a * Double(abs(face.data[c * plane + i] - truth.data[c * plane + i])) / 3
            }
        }
        let distance = try noGrad { () throws(TorchError) in
            func tensor(_ image: FloatImage) throws(TorchError) -> Tensor {
                try Tensor(values: image.data, shape: [1, image.channels, image.height, image.width])
            }
            return try lpips(
                tensor(face) * 2 - 1, tensor(truth) * 2 - 1, weights: tensor(alpha)
            ).item()
        }
        return HiddenRegionScores(l1: difference / max(weight, 1e-9), lpips: distance)
    }
}
