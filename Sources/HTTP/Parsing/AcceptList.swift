/// The media ranges of an Accept header (RFC 9110, section 12.5.1). What cannot be read is passed over.
public struct AcceptList: Sendable {
    private struct Range {
        let type: String
        let subtype: String
        let quality: Double

        func matches(_ name: String) -> Bool {
            let sides = name.split(separator: "/")
            return type == "*" || type == sides[0] && (subtype == "*" || subtype == sides[1])
        }

        var precision: Int { type == "*" ? 0 : subtype == "*" ? 1 : 2 }
    }

    private let ranges: [Range]

    public init(_ values: [String]) {
        var ranges: [Range] = []
        for text in values.joined(separator: ",").split(separator: ",").prefix(32) {
            let trimmed = text.drop { $0 == " " || $0 == "\t" }
            var parser = FieldParser(String(trimmed))
            guard let type = parser.token()?.lowercased(), parser.skip("/"),
                let subtype = parser.token()?.lowercased()
            else { continue }
            let parameters = (try? parser.parameters(of: "Accept")) ?? [:]
            let quality = parameters["q"].map { Double($0) ?? 0 } ?? 1
            ranges.append(Range(type: type, subtype: subtype, quality: quality))
        }
        self.ranges = ranges
    }

    /// The type wanted most; among equals the first. Nil when none is wanted.
    public func best(of types: [String]) -> String? {
        guard !ranges.isEmpty else { return types.first }
        var best: (type: String, quality: Double)?
        for type in types {
            // The most precise range that fits decides.
            guard
                let range = ranges.filter({ $0.matches(type) }).max(by: { $0.precision < $1.precision }),
                range.quality > 0
            else { continue }
            if best == nil || range.quality > best?.quality ?? 0 { best = (type, range.quality) }
        }
        return best?.type
    }
}
