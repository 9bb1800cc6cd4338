import CommandLineKit
import Configuration
import Foundation
import Gallery

/// Which entries are meant.
struct GalleryFilterOptions: OptionGroup {
    static let title = "Conditions"

    @Option(help: "Only this person; may be given many times, for any of them.", value: "NAME")
    var person: [String]
    @Option(help: "Only this camera; may be given many times, for any of them.") var camera: [Int]
    @Option(help: "Only what was taken then or later.") var after: Moment?
    @Option(help: "Only what was taken before.") var before: Moment?
    @Option(help: "Only who has all of these, such as backpack=yes,gender=female.")
    var attributes: AttributeConditions?

    /// - Throws: `GalleryError.invalidArgument` for an attribute that no entry has.
    func filter(for store: any GalleryStore) throws(GalleryError) -> GalleryFilter {
        let conditions = attributes?.conditions ?? []
        if !conditions.isEmpty {
            let known = try store.attributes().keys.sorted()
            for condition in conditions where !known.contains(condition.name) {
                throw .invalidArgument(
                    "no entry of \(store.location) has an attribute '\(condition.name)'"
                        + Suggestion.phrase(for: condition.name, in: known)
                        + "; there are: \(known.isEmpty ? "none" : known.joined(separator: ", "))")
            }
        }
        return GalleryFilter(
            identities: person.isEmpty ? nil : person, cameras: camera.isEmpty ? nil : camera,
            after: after?.date, before: before?.date, attributes: conditions)
    }
}

/// A time on the command line: `2026-01-31`, midnight UTC, or `2026-01-31T12:00:00Z`.
struct Moment: ArgumentValue {
    let date: Date

    static var valueName: String { "TIME" }
    var argumentText: String { date.formatted(.iso8601) }

    init(argument: String) throws(ArgumentError) {
        guard let date = GalleryTime.date(argument) else {
            throw ArgumentError("is no time; write 2026-01-31 or 2026-01-31T12:00:00Z")
        }
        self.date = date
    }
}

/// `upper=red,backpack=yes`.
struct AttributeConditions: ArgumentValue {
    let conditions: [GalleryFilter.Attribute]

    static var valueName: String { "LIST" }
    var argumentText: String { conditions.map { "\($0.name)=\($0.value)" }.joined(separator: ",") }

    init(argument: String) throws(ArgumentError) {
        do throws(GalleryError) { conditions = try GalleryFilter.attributes(argument) } catch {
            throw ArgumentError("cannot be read: \(error)")
        }
    }
}
