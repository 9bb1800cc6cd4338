import Foundation

/// Which entries are meant. All conditions must hold; nil and empty ones always do.
public struct GalleryFilter: Codable, Sendable, Equatable {
    /// One condition on an attribute.
    public struct Attribute: Codable, Sendable, Equatable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Any of these people.
    public var identities: [String]?
    /// Any of these cameras.
    public var cameras: [Int]?
    /// Taken at this time or later; entries without a time do not match.
    public var after: Date?
    /// Taken before this time; entries without a time do not match.
    public var before: Date?
    /// All of these.
    public var attributes: [Attribute]

    public init(
        identities: [String]? = nil, cameras: [Int]? = nil, after: Date? = nil, before: Date? = nil,
        attributes: [Attribute] = []
    ) {
        self.identities = identities
        self.cameras = cameras
        self.after = after
        self.before = before
        self.attributes = attributes
    }

    public var isEmpty: Bool {
        identities == nil && cameras == nil && after == nil && before == nil && attributes.isEmpty
    }

    /// Reads conditions such as "upper=red,backpack=yes".
    /// - Throws: `GalleryError.invalidArgument` naming the part that is not NAME=VALUE, or a name that comes twice.
    public static func attributes(_ text: String) throws(GalleryError) -> [Attribute] {
        var result: [Attribute] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
                throw .invalidArgument(
                    "'\(part)' is no condition on an attribute; write NAME=VALUE, several separated by commas: upper=red,backpack=yes"
                )
            }
            guard !result.contains(where: { $0.name == sides[0] }) else {
                throw .invalidArgument("the attribute '\(sides[0])' is given twice")
            }
            result.append(Attribute(name: sides[0], value: sides[1]))
        }
        return result
    }
}
