import Faces
import Foundation
import Imaging
import Testing
import Torch

@Suite struct AlignedFacesTests {
    private static func folder() throws -> String {
        let path = NSTemporaryDirectory() + "aligned-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func fileRoundTripKeepsMeshes() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/faces.safetensors"
        var meshes = (0..<(2 * 2 * 468)).map { Float($0) / 7 }
        for i in 0..<(2 * 468) { meshes[i] = .nan }
        let template = AlignmentTemplate.face128.scaled(to: 8)
        let faces = try AlignedFaces(
            size: 8, names: ["a.jpg", "b.jpg"], pixels: (0..<(2 * 3 * 64)).map { UInt8($0 % 251) },
            landmarks: [template.landmarks, template.landmarks], meshes: meshes)
        try faces.write(to: path)
        let copy = try AlignedFaces(contentsOf: path)
        #expect(copy.names == faces.names && copy.pixels == faces.pixels && copy.size == 8)
        #expect(copy.mesh(0) == nil)
        let mesh = try #require(copy.mesh(1))
        #expect(abs(mesh.points[3].y - Double(2 * 468 + 7) / 7) < 1e-4)

        // Files without meshes are read as before.
        var tensors = try SafeTensors.read(path)
        let metadata = try SafeTensors.metadata(path)
        tensors["meshes"] = nil
        try SafeTensors.write(tensors, to: path, metadata: metadata)
        #expect(try AlignedFaces(contentsOf: path).mesh(1) == nil)
        tensors["meshes"] = try .zeros([2, 5, 2])
        try SafeTensors.write(tensors, to: path, metadata: metadata)
        let error = #expect(throws: FacesError.self) { try AlignedFaces(contentsOf: path) }
        #expect("\(try #require(error))".contains("'meshes' [2, 5, 2]"))
    }

    @Test(.enabled(if: PublishedWeights.has("yunet", "face_mesh"), PublishedWeights.hint))
    func preparationStoresTheMeshOfTheCrop() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let empty = "\(folder)/empty.png"
        try Image(width: 90, height: 80, channels: 3, fill: 120).writePNG(empty)
        let preparation = FacePreparation(
            detector: try YuNetDetector(weights: #require(PublishedWeights.path("yunet"))),
            landmarker: try FaceMeshLandmarker(weights: #require(PublishedWeights.path("face_mesh"))))
        var outcomes: [FacePreparation.Outcome] = []
        let faces = try preparation.prepare(files: [fixture("faces.png"), empty]) { outcomes.append($1) }
        #expect(faces.count == 1 && outcomes == [.kept, .noFace])
        let mesh = try #require(faces.mesh(0))
        // Outer and inner corners of each eye lie around the detector's eye; nose and mouth agree.
        let own = faces.landmarks[0]
        let left = (mesh.points[33] + mesh.points[133]) * 0.5
        let right = (mesh.points[263] + mesh.points[362]) * 0.5
        #expect((left - own.leftEye).length < 5 && (right - own.rightEye).length < 5)
        #expect((mesh.points[4] - own.nose).length < 9)
        #expect((mesh.points[61] - own.leftMouth).length < 9)
        #expect((mesh.points[291] - own.rightMouth).length < 9)
    }
}
