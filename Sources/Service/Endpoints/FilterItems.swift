import Foundation
import Gallery
import HTTP

extension FormItems {
    /// Names of the settings that make a filter.
    static let filterNames = ["identity", "camera", "after", "before", "attributes"]

    /// "identity=a,b", "camera=1,2", "after=2026-01-31", "before=2026-01-31T12:00:00Z", "attributes=upper=red,backpack=yes".
    /// - Throws: `HTTPProblem` naming the condition that cannot be read (400) or makes no sense (422).
    func filter() throws(HTTPProblem) -> GalleryFilter {
        var filter = GalleryFilter()
        if let text = try value("identity"), !text.isEmpty {
            filter.identities = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        if let text = try value("camera"), !text.isEmpty {
            var cameras: [Int] = []
            for part in text.split(separator: ",") {
                guard let camera = Int(part.trimmingCharacters(in: .whitespaces)) else {
                    throw .badRequest("'camera' must be whole numbers separated by commas")
                }
                cameras.append(camera)
            }
            filter.cameras = cameras
        }
        filter.after = try date("after")
        filter.before = try date("before")
        if let text = try value("attributes"), !text.isEmpty {
            do throws(GalleryError) { filter.attributes = try GalleryFilter.attributes(text) } catch {
                throw HTTPProblem(.unprocessable, "\(error)")
            }
        }
        return filter
    }

    /// "2026-01-31" (midnight UTC) or "2026-01-31T12:00:00Z".
    func date(_ name: String) throws(HTTPProblem) -> Date? {
        guard let text = try value(name), !text.isEmpty else { return nil }
        if let date = GalleryTime.date(text) { return date }
        throw .badRequest("'\(name)' must be a date such as 2026-01-31 or 2026-01-31T12:00:00Z")
    }
}
