import Foundation
import Imaging
import Metrics
import Perceptual
import Torch

/// How far a face is from the true one in a part of the picture, such as where the mask hid it.
public struct HiddenRegionScores: Codable, Sendable, Equatable {
    /// Mean absolute difference over the region's pixels, weighted by the region; 0…1.
    public var l1: Double
    /// LPIPS (AlexNet) with every layer averaged over the region.
    public var lpips: Double
    /// Mean squared difference; 0…1.
    public var mse: Double
    /// Structural similarity, mean over positions weighted by the region; 1 is equal.
    public var ssim: Double
    /// Peak signal-to-noise ratio of `mse`, in dB; nil for equal pictures.
    public var psnr: Double? { mse > 0 ? -10 * log10(mse) : nil }

    private enum Keys: String, CodingKey { case l1, lpips, mse, ssim, psnr }

    public init(l1: Double, lpips: Double, mse: Double = 0, ssim: Double = 0) {
        self.l1 = l1
        self.lpips = lpips
        self.mse = mse
        self.ssim = ssim
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        l1 = try values.decode(Double.self, forKey: .l1)
        lpips = try values.decode(Double.self, forKey: .lpips)
        mse = try values.decode(Double.self, forKey: .mse)
        ssim = try values.decode(Double.self, forKey: .ssim)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Keys.self)
        try values.encode(l1, forKey: .l1)
        try values.encode(lpips, forKey: .lpips)
        try values.encode(mse, forKey: .mse)
        try values.encode(ssim, forKey: .ssim)
        try values.encodeIfPresent(psnr, forKey: .psnr)
    }

    /// - Parameters:
    ///   - face, truth: [3, s, s] in 0…1.
    ///   - alpha: the region, [1, s, s] in 0…1, with at least one pixel.
    /// - Throws: `MetricsError` for an empty region, `TorchError`.
    public static func measure(_ face: FloatImage, truth: FloatImage, alpha: FloatImage, lpips: LPIPS) throws
        -> HiddenRegionScores
    {
        let comparison = try ImageComparison(
            face.data, truth.data, channels: face.channels, height: face.height, width: face.width)
        let distance = try noGrad { () throws(TorchError) in
            func tensor(_ image: FloatImage) throws(TorchError) -> Tensor {
                try Tensor(values: image.data, shape: [1, image.channels, image.height, image.width])
            }
            return try lpips(
                tensor(face) * 2 - 1, tensor(truth) * 2 - 1, weights: tensor(alpha)
            ).item()
        }
        return try HiddenRegionScores(
            l1: comparison.l1(in: alpha.data), lpips: distance, mse: comparison.mse(in: alpha.data),
            ssim: comparison.ssim(in: alpha.data))
    }

    public static func += (sum: inout HiddenRegionScores, other: HiddenRegionScores) {
        sum.l1 += other.l1
        sum.lpips += other.lpips
        sum.mse += other.mse
        sum.ssim += other.ssim
    }

    public static func / (sum: HiddenRegionScores, count: Double) -> HiddenRegionScores {
        HiddenRegionScores(
            l1: sum.l1 / count, lpips: sum.lpips / count, mse: sum.mse / count, ssim: sum.ssim / count)
    }
}
