import Foundation
import Gallery

extension GalleryEntry {
    /// The entry on one line for people: "#17  0002  camera 1  2026-01-31T12:00:00Z  [10, 20, 64, 64]  /photos/a.jpg".
    var line: String {
        let parts = [
            "#\(id)", identity ?? "-", camera.map { "camera \($0)" }, time?.formatted(.iso8601),
            box.map { "\($0)" }, path,
        ]
        return parts.compactMap { $0 }.joined(separator: "  ")
    }
}
