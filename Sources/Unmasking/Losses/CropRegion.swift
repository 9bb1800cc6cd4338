import Torch

/// A rectangle of an image in pixels.
public struct CropRegion: Codable, Sendable, Equatable {
    public var top: Int
    public var left: Int
    public var height: Int
    public var width: Int

    public init(top: Int, left: Int, height: Int, width: Int) {
        self.top = top
        self.left = left
        self.height = height
        self.width = width
    }

    /// [batch, channels, H, W] -> [batch, channels, height, width].
    public func crop(_ x: Tensor) throws(TorchError) -> Tensor {
        guard x.rank == 4, top >= 0, left >= 0, height > 0, width > 0, top + height <= x.size(2),
            left + width <= x.size(3)
        else {
            throw .invalidArgument(
                "crop \(height)x\(width) at row \(top), column \(left) of \(x.shape): out of bounds")
        }
        return try x.narrow(2, top, height).narrow(3, left, width)
    }
}
