import Foundation
import Imaging
import Torch

extension YuNetDetector {
    /// Faces of one pyramid level above the score threshold. A cell predicts, in units of the stride: the box's centre
    /// relative to the cell, the logarithm of its sides, and five points relative to the cell; its confidence is the
    /// geometric mean of class probability and objectness. Cells are numbered row by row.
    func decode(_ level: YuNet.Level) throws -> [DetectedFace] {
        let width = level.classLogits.size(3)
        let plane = level.classLogits.size(2) * width
        let classes = try level.classLogits.sigmoid().floats()
        let objects = try level.objectLogits.sigmoid().floats()
        let boxes = try level.boxes.floats()
        let points = try level.points.floats()
        let stride = Double(level.stride)
        var found: [DetectedFace] = []
        for cell in 0..<plane {
            let score = Double((classes[cell] * objects[cell]).squareRoot())
            guard score >= settings.scoreThreshold else { continue }
            let column = Double(cell % width)
            let row = Double(cell / width)
            func box(_ channel: Int) -> Double { Double(boxes[channel * plane + cell]) }
            func point(_ n: Int) -> Point {
                Point(
                    (Double(points[2 * n * plane + cell]) + column) * stride,
                    (Double(points[(2 * n + 1) * plane + cell]) + row) * stride)
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
