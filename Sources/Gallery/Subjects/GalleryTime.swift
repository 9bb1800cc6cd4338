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

    /// A time in ISO 8601 with as many digits as it takes to read the same `Date` again, bit for bit.
    static func exactText(_ date: Date) -> String {
        let time = date.timeIntervalSinceReferenceDate
        let whole = time.rounded(.down)
        let rest = time - whole
        let second = Date(timeIntervalSinceReferenceDate: whole).formatted(.iso8601).dropLast()
        // Times are mostly whole milliseconds, which no binary fraction is: their few digits are tried first.
        let digits = ["0", String(format: "%.3f", rest), String(format: "%.6f", rest), "\(rest)"]
            .first { Double($0).map { whole + $0 == time } ?? false }
        let fraction = digits.map { $0 == "0" ? "" : $0.drop { $0 != "." } } ?? ""
        return "\(second)\(fraction)Z"
    }

    /// What `exactText` wrote.
    static func exactDate(_ text: String) -> Date? {
        guard text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1)
        guard let first = parts.first, let second = date("\(first)Z") else { return nil }
        guard parts.count == 2 else { return second }
        guard let rest = Double("0.\(parts[1])") else { return nil }
        return Date(timeIntervalSinceReferenceDate: second.timeIntervalSinceReferenceDate + rest)
    }
}
