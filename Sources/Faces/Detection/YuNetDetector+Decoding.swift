import Foundation
import Imaging
import Torch

extension YuNetDetector {
    /// Faces of one pyramid level above the score threshold, for each image of a batch. A cell predicts, in units of the stride:
    /// the box's centre relative to the cell, the logarithm of its sides, and five points relative to the cell; its confidence is
    /// the geometric mean of class probability and objectness. Cells are numbered row by row.
    /// - Parameter output: [batch, h, w, 16] of `YuNetInference`.
    func decode(_ output: Tensor, stride: Double) throws -> [[DetectedFace]] {
        let (batch, height, width) = (output.size(0), output.size(1), output.size(2))
        let values = try output.floats()
        return values.withUnsafeBufferPointer { all in
            (0..<batch).map { image in
                let cells = all[image * height * width * YuNetInference.channels..<all.count]
                return decode(
                    UnsafeBufferPointer(rebasing: cells), height: height, width: width, stride: stride)
            }
        }
    }

    private func decode(_ values: UnsafeBufferPointer<Float>, height: Int, width: Int, stride: Double)
        -> [DetectedFace]
    {
        // Neither probability may be below the square of the threshold; most cells are passed over by their logits alone.
        let lowest = min(0.999, settings.scoreThreshold * settings.scoreThreshold)
        let bound = Float(log(lowest / (1 - lowest))) - 0.01
        func probability(_ logit: Float) -> Float { 1 / (1 + exp(-logit)) }
        var found: [DetectedFace] = []
        for cell in 0..<height * width {
            let start = cell * YuNetInference.channels
            let (classLogit, objectLogit) = (values[start], values[start + 1])
            guard classLogit >= bound, objectLogit >= bound else { continue }
            let score = Double((probability(classLogit) * probability(objectLogit)).squareRoot())
            guard score >= settings.scoreThreshold else { continue }
            let (column, row) = (Double(cell % width), Double(cell / width))
            func box(_ channel: Int) -> Double { Double(values[start + 2 + channel]) }
            func point(_ n: Int) -> Point {
                Point(
                    (Double(values[start + 6 + 2 * n]) + column) * stride,
                    (Double(values[start + 7 + 2 * n]) + row) * stride)
            }
            let sides = Point(exp(box(2)), exp(box(3))) * stride
            let centre = Point(column + box(0), row + box(1)) * stride
            found.append(
                DetectedFace(
                    box: Rect(
                        x: centre.x - sides.x / 2, y: centre.y - sides.y / 2, width: sides.x, height: sides.y),
                    score: score,
                    landmarks: FiveLandmarks(
                        leftEye: point(0), rightEye: point(1), nose: point(2), leftMouth: point(3),
                        rightMouth: point(4))))
        }
        return found
    }
}
