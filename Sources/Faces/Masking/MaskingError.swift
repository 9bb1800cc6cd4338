/// Why a mask cannot be put on.
public enum MaskingError: Error, Equatable, CustomStringConvertible, Sendable {
    case landmarkCount(found: Int, expected: Int)
    case landmarkNotFinite(index: Int)
    case degenerateLandmarks
    case channels(found: Int)
    case style(field: String, problem: String)

    public var description: String {
        switch self {
        case .landmarkCount(let found, let expected): "\(found) face landmarks: expected \(expected)"
        case .landmarkNotFinite(let index): "face landmark \(index) is not a finite number"
        case .degenerateLandmarks:
            "the face landmarks lie on one line or in one point: expected a face of at least four pixels between the eyes; detect again"
        case .channels(let found):
            "image with \(found) channels: masks are drawn on 1 (grey) or 3 (RGB); convert it first"
        case .style(let field, let problem): "mask style, \(field): \(problem)"
        }
    }
}
