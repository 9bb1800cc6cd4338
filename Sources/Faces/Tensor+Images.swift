import Imaging
import Torch

extension Tensor {
    /// A batch of images, [count, 3, height, width], float32. Grey is repeated, alpha composed over white.
    /// - Parameters:
    ///   - images: at least one, all of one size.
    ///   - range: what 0 and 255 become.
    /// - Throws: `TorchError.invalidArgument` for no images or several sizes.
    public static func images(
        _ images: [Image], range: ClosedRange<Double> = 0...255, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        guard let first = images.first else { throw .invalidArgument("a batch of no images") }
        if let other = images.first(where: { $0.width != first.width || $0.height != first.height }) {
            throw .invalidArgument(
                "a batch of images of \(first.width)x\(first.height) and \(other.width)x\(other.height) pixels: expected one size"
            )
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(images.count * first.width * first.height * 3)
        for image in images { bytes += image.rgb().pixels }
        // Interleaved pixels are the channels-last layout: nothing is moved.
        let pixels = try Tensor(bytes, shape: [images.count, first.height, first.width, 3], device: device)
            .permute([0, 3, 1, 2]).to(dtype: .float32)
        let scale = (range.upperBound - range.lowerBound) / 255
        guard scale != 1 || range.lowerBound != 0 else { return pixels }
        return try pixels * scale + range.lowerBound
    }
}
