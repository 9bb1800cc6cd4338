import Imaging

/// Which faces of a photo are meant.
public enum FaceChoice: String, CaseIterable, Sendable {
    /// The one that the photo is about; see `[DetectedFace].main`.
    case main
    case all

    /// - Parameters:
    ///   - faces: best first.
    ///   - limit: how many at most, for `all`.
    public func faces(_ faces: [DetectedFace], in photo: Image, limit: Int = .max) -> [DetectedFace] {
        switch self {
        case .main: faces.main(width: photo.width, height: photo.height).map { [$0] } ?? []
        case .all: Array(faces.prefix(limit))
        }
    }
}

extension DetectedFace {
    /// The box in whole pixels of a photo, cut where it leaves it: [x, y, width, height], at least a pixel wide and high.
    public func pixelBox(in photo: Image) -> [Int] {
        let left = min(max(0, Int(box.x.rounded(.down))), photo.width - 1)
        let top = min(max(0, Int(box.y.rounded(.down))), photo.height - 1)
        let right = min(photo.width, Int((box.x + box.width).rounded(.up)))
        let bottom = min(photo.height, Int((box.y + box.height).rounded(.up)))
        return [left, top, max(1, right - left), max(1, bottom - top)]
    }
}
