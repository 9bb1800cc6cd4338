import Foundation

extension Image {
    /// When a photo was taken, as its EXIF metadata says (DateTimeOriginal). A time without an offset from UTC is taken as
    /// UTC: cameras write their own clock's time, and nothing says where that is.
    /// - Parameter bytes: of the image file; nothing is decoded.
    /// - Returns: nil for a file that does not say.
    package static func captureTime(of bytes: [UInt8]) -> Date? {
        guard let format = ImageFormat(of: bytes), let found = EXIF(in: bytes, format)?.captureTime else {
            return nil
        }
        // "2026:01:31 12:00:00"
        let numbers = found.text.split { $0 == ":" || $0 == " " }.map { Int($0) }
        guard found.text.utf8.count == 19, numbers.count == 6, !numbers.contains(nil) else { return nil }
        let parts = numbers.compactMap { $0 }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let components = DateComponents(
            calendar: calendar, year: parts[0], month: parts[1], day: parts[2], hour: parts[3],
            minute: parts[4], second: parts[5])
        guard components.isValidDate, let date = components.date else { return nil }
        return date - (found.offset.flatMap(seconds(ofOffset:)) ?? 0)
    }

    /// "+01:00" in seconds.
    private static func seconds(ofOffset text: String) -> TimeInterval? {
        let sign: Double = text.hasPrefix("-") ? -1 : 1
        let parts = text.dropFirst().split(separator: ":").compactMap { Double($0) }
        guard text.hasPrefix("+") || text.hasPrefix("-"), parts.count == 2, parts[0] < 15, parts[1] < 60
        else {
            return nil
        }
        return sign * (parts[0] * 3600 + parts[1] * 60)
    }
}
