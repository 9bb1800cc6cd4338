import Faces
import Foundation
import Imaging
import Testing

/// Values come from scikit-image, FFHQ's rule in NumPy and dlib (Tools/reference/faces.py).
@Suite struct AlignmentTests {
    private static func landmarks() throws -> FiveLandmarks {
        let row = try #require(FaceFixture.detections().first)
        return try FiveLandmarks((0..<5).map { Point(row[4 + 2 * $0], row[5 + 2 * $0]) })
    }

    private static func numbers(_ t: AffineTransform2D) -> [Double] { [t.a, t.b, t.c, t.d, t.e, t.f] }

    private static func expectEqual(_ t: AffineTransform2D, _ name: String, _ tolerance: Double) throws {
        let expected = try FaceFixture.tensor(name).floats()
        for (a, b) in zip(numbers(t), expected) {
            #expect(abs(a - Double(b)) <= tolerance * max(1, abs(Double(b))), "\(name): \(a) \(b)")
        }
    }

    @Test func arcFaceAgreesWithScikitImage() throws {
        try Self.expectEqual(
            AlignmentTemplate.arcFace112.transform(from: Self.landmarks()), "arcface.transform", 1e-4)
    }

    @Test func ffhqAgreesWithItsScript() throws {
        try Self.expectEqual(
            FFHQAlignment.ffhq256.transform(from: Self.landmarks()), "ffhq256.transform", 1e-4)
        try Self.expectEqual(
            FFHQAlignment.ffhq1024.transform(from: Self.landmarks()), "ffhq1024.transform", 1e-4)
    }

    @Test func arcFaceCropAgreesWithOpenCV() throws {
        let crop = try AlignmentTemplate.arcFace112.crop(FaceFixture.image(), Self.landmarks())
        let expected = try FaceFixture.image("sface.crop")
        let worst = zip(crop.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }
        // OpenCV interpolates with positions rounded to 1/32 pixel.
        #expect(Double(worst.reduce(0, +)) / Double(worst.count) < 1)
    }

    @Test func dlibChipAgreesWithDlib() throws {
        let transform = try AlignmentTemplate.dlibChip(from: FaceFixture.points("dlib.points"))
        let chip = try FaceFixture.image().warped(by: transform, width: 150, height: 150)
        let expected = try FaceFixture.image("dlib.chip")
        let differences = zip(chip.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }
        let mean = Double(differences.reduce(0, +)) / Double(differences.count)
        // dlib cuts fractions off where we round.
        #expect(mean < 0.6, "\(mean)")
    }

    /// The two dlib alignments, by a detector's five points and by dlib's, show a face at the same place.
    @Test func dlibTemplateAgreesWithDlibCorners() throws {
        let ours = try AlignmentTemplate.dlib150.transform(from: Self.landmarks())
        let theirs = try AlignmentTemplate.dlibChip(from: FaceFixture.points("dlib.points"))
        #expect(abs(ours.scale / theirs.scale - 1) < 0.08)
        for point in try Self.landmarks().points {
            #expect((ours.apply(point) - theirs.apply(point)).length < 6)
        }
    }

    @Test(arguments: [AlignmentTemplate.arcFace112, .face128, .dlib150])
    func templatesFindTheirOwnPoints(template: AlignmentTemplate) throws {
        let move = AffineTransform2D(a: 1.3, b: -0.4, c: 30, d: 0.4, e: 1.3, f: -12)
        let transform = try template.transform(from: template.landmarks.applying(move))
        for point in template.landmarks.points {
            #expect((transform.apply(move.apply(point)) - point).length < 1e-9)
        }
        let doubled = template.scaled(to: template.size * 2)
        for (p, q) in zip(doubled.landmarks.points, template.landmarks.points) {
            #expect((p - Point(2 * q.x + 0.5, 2 * q.y + 0.5)).length < 1e-9)
        }
        #expect(try template.transform(to: template).concatenating(.identity).scale.rounded() == 1)
    }

    @Test func coincidingLandmarksAreRefused() throws {
        let point = Point(5, 5)
        let landmarks = FiveLandmarks(
            leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point)
        #expect(throws: ImagingError.self) { try AlignmentTemplate.arcFace112.transform(from: landmarks) }
        #expect(throws: ImagingError.self) { try FFHQAlignment.ffhq256.transform(from: landmarks) }
        #expect(throws: ImagingError.self) { try AlignmentTemplate.dlibChip(from: [point]) }
    }

    @Test func facesMapWithTheirImage() throws {
        let face = DetectedFace(
            box: Rect(x: 1, y: 2, width: 3, height: 4), score: 0.5, landmarks: try Self.landmarks())
        // A quarter turn: (x, y) -> (-y, x).
        let turned = face.applying(AffineTransform2D(a: 0, b: -1, c: 0, d: 1, e: 0, f: 0))
        #expect(turned.box == Rect(x: -6, y: 1, width: 4, height: 3))
        #expect(turned.landmarks.nose == Point(-face.landmarks.nose.y, face.landmarks.nose.x))
    }
}
