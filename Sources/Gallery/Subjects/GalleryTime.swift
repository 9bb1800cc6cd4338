import Foundation

/// Times as galleries take and write them.
public enum GalleryTime {
    /// "2026-01-31" (midnight UTC) or "2026-01-31T12:00:00Z", with or without a fraction of a second or an offset from UTC.
    /// - Returns: nil for anything else.
    public static func date(_ text: String) -> Date? {
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: fractional))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle().year().month().day()))
    }

    /// A time in ISO 8601 to the microsecond, which is what a gallery keeps of it.
    static func exactText(_ date: Date) -> String {
        let microseconds = date.microseconds
        let rest = (microseconds % 1_000_000 + 1_000_000) % 1_000_000
        let second = Date(microseconds: microseconds - rest).formatted(.iso8601).dropLast()
        return rest == 0 ? "\(second)Z" : "\(second).\(String(format: "%06lld", rest))Z"
    }

    /// What `exactText` wrote.
    static func exactDate(_ text: String) -> Date? {
        guard text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1)
        guard let first = parts.first, let second = date("\(first)Z") else { return nil }
        guard parts.count == 2 else { return second }
        guard parts[1].count == 6, let rest = Int64(parts[1]) else { return nil }
        return Date(microseconds: second.microseconds + rest)
    }
}
