import Imaging

/// Turns photos into aligned crops for training.
public struct FacePreparation {
    public enum Outcome: Sendable, Equatable {
        case kept
        case noFace
        case unreadable(String)
    }

    public let detector: any FaceDetector
    public let template: AlignmentTemplate
    /// Finds each face's mesh, to which masks are fitted better than to five points; nil leaves it out.
    public let landmarker: FaceMeshLandmarker?
    /// Meshes below this probability of a face are not used.
    public static let meshPresence = 0.5

    public init(
        detector: any FaceDetector, template: AlignmentTemplate = .face128,
        landmarker: FaceMeshLandmarker? = nil
    ) {
        self.detector = detector
        self.template = template
        self.landmarker = landmarker
    }

    /// The largest face of every photo that shows one. What lies outside a photo is filled by mirroring.
    /// - Parameter progress: called for every file with what became of it.
    public func prepare(files: [String], progress: (String, Outcome) throws -> Void = { _, _ in }) throws
        -> AlignedFaces
    {
        var names: [String] = []
        var pixels: [UInt8] = []
        var landmarks: [FiveLandmarks] = []
        var meshes: [Float] = []
        for file in files {
            let image: Image
            do throws(ImagingError) { image = try Image.read(file).rgb() } catch {
                try progress(file, .unreadable(error.description))
                continue
            }
            guard let face = try detector.detect(image).max(by: { $0.box.area < $1.box.area }),
                let transform = try? template.transform(from: face.landmarks)
            else {
                try progress(file, .noFace)
                continue
            }
            let crop = try image.warped(
                by: transform, width: template.size, height: template.size, border: .reflect)
            let plane = template.size * template.size
            for channel in 0..<3 { pixels += (0..<plane).lazy.map { crop.pixels[3 * $0 + channel] } }
            names.append(file.split(separator: "/").last.map(String.init) ?? file)
            landmarks.append(face.landmarks.applying(transform))
            if let landmarker { meshes += try mesh(of: face, in: image, landmarker, transform) }
            try progress(file, .kept)
        }
        return try AlignedFaces(
            size: template.size, names: names, pixels: pixels, landmarks: landmarks, meshes: meshes)
    }

    /// x and y of 468 points in crop pixels, or as many NaN.
    private func mesh(
        of face: DetectedFace, in image: Image, _ landmarker: FaceMeshLandmarker,
        _ transform: AffineTransform2D
    ) throws -> [Float] {
        let none = [Float](repeating: .nan, count: 2 * FaceLandmarks468.count)
        guard let mesh = try landmarker.landmarks(image, faces: [face]).first,
            mesh.presence >= Self.meshPresence
        else { return none }
        let points = mesh.points.map { transform.apply($0) }
        // A mesh that went astray lies elsewhere than the detector's eyes and mouth.
        let found = face.landmarks.applying(transform)
        let eyes = (points[FaceMeshLandmarks.leftEyeOuter] + points[FaceMeshLandmarks.rightEyeOuter]) * 0.5
        let off = (eyes - (found.leftEye + found.rightEye) * 0.5).length
        guard off < 0.25 * (template.landmarks.rightEye - template.landmarks.leftEye).length else {
            return none
        }
        return points.flatMap { [Float($0.x), Float($0.y)] }
    }
}
