import Imaging

/// The honest baseline for recovery: the mean aligned face, its colours matched to the visible part of the photo.
public struct MeanFaceBaseline: Sendable {
    /// [3, s, s], 0…1.
    public let mean: FloatImage

    /// - Parameter faces: aligned clean faces of one size, at least one.
    public init?(of faces: [FloatImage]) {
        guard let first = faces.first else { return nil }
        var sum = FloatImage(width: first.width, height: first.height, channels: 3)
        for face in faces where face.data.count == sum.data.count {
            for i in sum.data.indices { sum.data[i] += face.data[i] / Float(faces.count) }
        }
        mean = sum
    }

    /// The mean face with mean and deviation of every channel matched on the visible pixels of the central oval of the face.
    /// - Parameters:
    ///   - photo: the aligned masked face, [3, s, s].
    ///   - alpha: the mask, [1, s, s].
    /// - Throws: `ImagingError.invalidArgument` when the sizes differ.
    public func matched(to photo: FloatImage, alpha: FloatImage) throws(ImagingError) -> FloatImage {
        let (w, h) = (photo.width, photo.height)
        var visible = FloatImage(width: w, height: h, channels: 1)
        for y in 0..<h {
            for x in 0..<w {
                let dx = (Double(x) / Double(w) - 0.5) / 0.36
                let dy = (Double(y) / Double(h) - 0.5) / 0.48
                if dx * dx + dy * dy < 1, alpha[0, y, x] < 0.05 { visible[0, y, x] = 1 }
            }
        }
        guard visible.data.reduce(0, +) > 50 else { return mean }
        return try mean.matchingColours(
            from: mean.colourStatistics(weights: visible), to: photo.colourStatistics(weights: visible)
        ).clamped()
    }
}
