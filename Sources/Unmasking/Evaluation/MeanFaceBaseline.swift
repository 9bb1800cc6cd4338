import Foundation
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
    public func matched(to photo: FloatImage, alpha: FloatImage) -> FloatImage {
        let (w, h) = (photo.width, photo.height)
        let plane = w * h
        var visible: [Int] = []
        for y in 0..<h {
            for x in 0..<w {
                let dx = (Double(x) / Double(w) - 0.5) / 0.36
                let dy = (Double(y) / Double(h) - 0.5) / 0.48
                if dx * dx + dy * dy < 1, alpha.data[y * w + x] < 0.05 { visible.append(y * w + x) }
            }
        }
        var out = mean
        guard visible.count > 50 else { return out }
        for c in 0..<3 {
            func statistics(_ image: FloatImage) -> (mean: Float, deviation: Float) {
                var sum: Float = 0
                var squares: Float = 0
                for i in visible {
                    let value = image.data[c * plane + i]
                    sum += value
                    squares += value * value
                }
                let mean = sum / Float(visible.count)
                return (mean, max(0, squares / Float(visible.count) - mean * mean).squareRoot())
            }
            let (from, to) = (statistics(mean), statistics(photo))
            let gain = min(2, max(0.5, to.deviation / max(from.deviation, 1e-3)))
            for i in 0..<plane {
                out.data[c * plane + i] = min(
                    1, max(0, (mean.data[c * plane + i] - from.mean) * gain + to.mean))
            }
        }
        return out
    }
}
