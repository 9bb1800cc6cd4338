import Faces
import Foundation
import Imaging
import NN
import Testing
import Torch

/// Values come from LiteRT running MediaPipe's file (Tools/reference/faces.py).
@Suite struct LandmarkTests {
    @Test(.enabled(if: PublishedWeights.has("face_mesh"), PublishedWeights.hint))
    func networkAgreesWithLiteRT() throws {
        let network = try FaceMesh(weights: try #require(PublishedWeights.path("face_mesh")))
        let crop = try FaceFixture.image("mesh.crop")
        let output = try noGrad { () throws(TorchError) in try network.output(.images([crop], range: 0...1)) }
        let points = try FaceFixture.tensor("mesh.points").reshape([1, 468, 3])
        try expectClose(output.points, points, 1e-4, "points")
        try expectClose(output.presence, FaceFixture.tensor("mesh.presence"), 1e-4, "presence")
    }

    @Test(.enabled(if: PublishedWeights.has("yunet", "face_mesh"), PublishedWeights.hint))
    func pointsLieInTheImage() throws {
        let image = try FaceFixture.image()
        let faces = try YuNetDetector(weights: try #require(PublishedWeights.path("yunet"))).detect(image)
        let landmarker = try FaceMeshLandmarker(weights: try #require(PublishedWeights.path("face_mesh")))
        let meshes = try landmarker.landmarks(image, faces: faces)
        try #require(meshes.count == 2)
        for (index, mesh) in meshes.enumerated() {
            let expected = try FaceFixture.points("mesh.\(index).landmarks")
            let size = faces[index].box.width
            let errors = zip(mesh.points, expected).map { ($0 - $1).length / size }
            // The crops differ by OpenCV's fixed-point interpolation, and, for the large face, by our antialiasing.
            #expect(errors.reduce(0, +) / 468 < 0.005, "\(index): mean \(errors.reduce(0, +) / 468)")
            #expect((errors.max() ?? 1) < 0.02, "\(index): worst \(errors.max() ?? 1)")
            #expect(mesh.presence > 0.99)
            let five = faces[index].landmarks
            #expect((mesh.points[1] - five.nose).length < 0.12 * size)
            #expect(mesh.points[FaceMeshLandmarks.leftEyeOuter].x < five.leftEye.x)
            #expect(mesh.points[FaceMeshLandmarks.rightEyeOuter].x > five.rightEye.x)
            // The tip of the nose is nearer to the viewer than the sides of the face.
            #expect(mesh.depths[1] < mesh.depths[234] && mesh.depths[1] < mesh.depths[454])
        }
        #expect(try landmarker.landmarks(image, faces: []).isEmpty)
    }

    @Test(.enabled(if: PublishedWeights.has("face_mesh"), PublishedWeights.hint))
    func meshGivesDlibItsCorners() throws {
        let landmarker = try FaceMeshLandmarker(weights: try #require(PublishedWeights.path("face_mesh")))
        let row = try #require(FaceFixture.detections().first)
        let face = DetectedFace(
            box: Rect(x: row[0], y: row[1], width: row[2], height: row[3]), score: row[14],
            landmarks: try FiveLandmarks((0..<5).map { Point(row[4 + 2 * $0], row[5 + 2 * $0]) }))
        let mesh = try #require(landmarker.landmarks(FaceFixture.image(), faces: [face]).first)
        for (point, dlib) in zip(mesh.dlibCorners, try FaceFixture.points("dlib.points")) {
            #expect((point - dlib).length < 0.05 * row[2], "\(point) \(dlib)")
        }
    }

    @Test func gradientsReachTheCrop() throws {
        let network = try FaceMesh(in: Context(dtype: .float64, seed: 5))
        try network.evaluate().requiresGrad_(false)
        let x = try Formula.uniform("face", [1, 3, 192, 192]).to(dtype: .float64)
        let direction = try Formula.uniform("direction", [1, 3, 192, 192]).to(dtype: .float64)
        let probe = try Formula.uniform("probe", [1, 468, 3]).to(dtype: .float64)
        let input = try x.clone().requiresGrad_()
        try (network(input) * probe).sum().backward()
        let slope = try (try #require(try input.grad) * direction).sum().item()
        let step = 1e-8
        let difference =
            try ((network(x + direction * step) - network(x - direction * step)) * probe).sum().item()
            / (2 * step)
        #expect(slope != 0)
        #expect(abs(slope - difference) < 1e-3 * abs(difference), "\(slope) \(difference)")
    }

    @Test func regionsAreUprightSquares() throws {
        let region = FaceRegion(centre: Point(50, 40), side: 20, angle: .pi / 2)
        let transform = try region.transform(to: 192)
        // The eyes' line runs downwards in the image: the square's upper left corner is to the upper right.
        #expect((transform.apply(Point(60, 30)) - Point(0, 0)).length < 1e-9)
        #expect((transform.apply(Point(60, 50)) - Point(192, 0)).length < 1e-9)
        #expect((transform.apply(Point(50, 40)) - Point(96, 96)).length < 1e-9)
        #expect(throws: ImagingError.self) {
            try FaceRegion(centre: Point(0, 0), side: 0, angle: 0).transform(to: 192)
        }
        #expect(throws: FacesError.self) {
            try FaceMeshLandmarks(points: [Point(0, 0)], depths: [0], presence: 1)
        }
    }

    @Test func wrongInputIsExplained() throws {
        let network = try FaceMesh(in: Context(seed: 5))
        let error = try #require(throws: TorchError.self) { _ = try network(.zeros([1, 3, 190, 192])) }
        #expect(error.description == "FaceMesh: input is [1, 3, 190, 192], expected [batch, 3, 192, 192]")
    }
}
