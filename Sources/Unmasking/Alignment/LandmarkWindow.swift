import Faces
import Imaging

/// The part of finding landmarks anew that needs no network: cuts windows out of photos, and takes points back into them.
///
/// It may be used on any thread, while the network belongs to one.
public struct LandmarkWindow: Sendable {
    private let template: AlignmentTemplate
    /// How often a window is cut out and looked at: each time the face lies better in it.
    public var rounds = 3

    /// Side in pixels.
    public var size: Int { template.size }

    /// - Parameter size: of the network's input; the window is the middle of the 128-pixel crop that unmasking works on.
    public init(size: Int) {
        let whole = AlignmentTemplate.face128
        let offset = Double(Self.offset(of: size))
        template = AlignmentTemplate(
            name: "middle of \(whole.name)", size: size,
            landmarks: whole.landmarks.applying(.scale(1, translate: Point(-offset, -offset))))
    }

    /// Where a window of this size begins in the crop, from the left and from the top, in pixels.
    static func offset(of size: Int) -> Int { (AlignmentTemplate.face128.size - size) / 2 }

    /// Faces with the landmarks that a network finds; boxes and scores stay, and a face whose landmarks coincide stays whole.
    /// - Parameters:
    ///   - photo: RGB.
    ///   - locate: from windows, [3, size, size] in 0…1, to the five points of each in its pixels.
    public func refine(
        _ faces: [DetectedFace], in photo: Image, locate: ([FloatImage]) throws -> [FiveLandmarks]
    ) throws -> [DetectedFace] {
        var faces = faces
        for _ in 0..<rounds {
            let places = faces.map { try? template.transform(from: $0.landmarks) }
            let known = faces.indices.filter { places[$0] != nil }
            guard !known.isEmpty else { break }
            let windows = try known.compactMap { index in
                try places[index].map {
                    FloatImage(try photo.warped(by: $0, width: size, height: size, border: .reflect))
                }
            }
            for (index, points) in zip(known, try locate(windows)) {
                guard let back = try places[index]?.inverse() else { continue }
                faces[index].landmarks = points.applying(back)
            }
        }
        return faces
    }
}
