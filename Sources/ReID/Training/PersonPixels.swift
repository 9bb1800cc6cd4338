import Torch

/// Pictures as the networks want them.
public enum PersonPixels {
    /// Means and standard deviations of ImageNet's channels, for pixels in 0…1 (the pretrained backbones' preprocessing).
    public static let mean = [0.485, 0.456, 0.406]
    public static let standardDeviation = [0.229, 0.224, 0.225]

    /// - Parameter images: RGB, bytes in 0…255 or floats in 0…1, [batch, 3, height, width].
    /// - Returns: fp32, zero mean and unit variance over ImageNet, same shape, channels last in memory: depthwise networks run half
    ///   as fast again that way.
    public static func normalised(_ images: Tensor) throws(TorchError) -> Tensor {
        let isByte = images.dtype == .uint8
        let pixels = try images.channelsLast().to(dtype: .float32)
        let scale = isByte ? 1.0 / 255 : 1
        // (x·s - m) / d as one multiply and one add.
        let factor = try constant(standardDeviation.map { scale / $0 }, like: pixels)
        let offset = try constant(zip(mean, standardDeviation).map { -$0 / $1 }, like: pixels)
        return try Tensor.call("aten::addcmul", offset, pixels, factor)[0].channelsLast()
    }

    private static func constant(_ values: [Double], like tensor: Tensor) throws(TorchError) -> Tensor {
        try Tensor(values.map(Float.init), shape: [1, 3, 1, 1], device: tensor.device)
    }
}
