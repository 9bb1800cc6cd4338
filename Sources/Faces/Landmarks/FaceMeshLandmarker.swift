import Foundation
import Imaging
import NN
import Torch

/// Finds the 468 mesh points of detected faces.
///
/// The region around the detector's box is cut out upright and given to `FaceMesh`; then the region is laid anew around the
/// points found, as MediaPipe does from frame to frame, which makes the result independent of how a detector draws its boxes.
public final class FaceMeshLandmarker {
    public let network: FaceMesh
    /// How often the region is laid anew around the points.
    public let refinements: Int

    public init(network: FaceMesh, refinements: Int = 1) {
        self.network = network
        self.refinements = max(0, refinements)
    }

    /// Loads converted weights.
    public convenience init(weights path: String, refinements: Int = 1, device: Device = .cpu)
        throws(TorchError)
    { self.init(network: try FaceMesh(weights: path, device: device), refinements: refinements) }

    /// One mesh per face, in order.
    /// - Throws: `ImagingError.invalidArgument` for a face without extent, `TorchError`.
    public func landmarks(_ image: Image, faces: [DetectedFace]) throws -> [FaceMeshLandmarks] {
        guard !faces.isEmpty else { return [] }
        var found = try landmarks(image, in: faces.map { FaceRegion($0) })
        for _ in 0..<refinements { found = try landmarks(image, in: found.map { FaceRegion($0) }) }
        return found
    }

    /// One mesh per region, in order, in one pass.
    public func landmarks(_ image: Image, in regions: [FaceRegion]) throws -> [FaceMeshLandmarks] {
        guard !regions.isEmpty else { return [] }
        let size = FaceMesh.inputSize
        let transforms = try regions.map { try $0.transform(to: size) }
        let crops = try transforms.map {
            try image.warped(by: $0, width: size, height: size, border: .replicate)
        }
        let device = network.parameters().first?.device ?? .cpu
        let (values, presences) = try withoutGradients {
            let output = try network.output(.images(crops, range: 0...1, device: device))
            return (try output.points.floats(), try output.presence.sigmoid().floats())
        }
        return try transforms.indices.map { index in
            let back = try transforms[index].inverse()
            let start = index * FaceMesh.pointCount
            let triples = (0..<FaceMesh.pointCount).map { 3 * (start + $0) }
            return try FaceMeshLandmarks(
                points: triples.map { back.apply(Point(Double(values[$0]), Double(values[$0 + 1]))) },
                depths: triples.map { Double(values[$0 + 2]) * back.scale },
                presence: Double(presences[index]))
        }
    }
}
