/// What lies outside an image.
public enum Border: Sendable, Equatable {
    case constant(UInt8)
    case replicate
    case reflect

    /// The index inside 0 ..< count that stands for `index`; nil for the constant.
    @inline(__always)
    func resolve(_ index: Int, _ count: Int) -> Int? {
        if index >= 0 && index < count { return index }
        switch self {
        case .constant: return nil
        case .replicate: return index < 0 ? 0 : count - 1
        case .reflect:
            guard count > 1 else { return 0 }
            let period = 2 * count - 2
            let folded = ((index % period) + period) % period
            return folded < count ? folded : period - folded
        }
    }
}
