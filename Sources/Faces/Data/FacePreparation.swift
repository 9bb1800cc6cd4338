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

    public init(detector: any FaceDetector, template: AlignmentTemplate = .face128) {
        self.detector = detector
        self.template = template
    }

    /// The largest face of every photo that shows one. What lies outside a photo is filled by mirroring.
    /// - Parameter progress: called for every file with what became of it.
    public func prepare(files: [String], progress: (String, Outcome) throws -> Void = { _, _ in }) throws
        -> AlignedFaces
    {
        var names: [String] = []
        var pixels: [UInt8] = []
        var landmarks: [FiveLandmarks] = []
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
            try progress(file, .kept)
        }
        return try AlignedFaces(size: template.size, names: names, pixels: pixels, landmarks: landmarks)
    }
}
