/// The parts of "postgresql://user:password@host/database?gallery=NAME&…".
struct PostgresAddress: Equatable {
    /// What libpq is given: without the gallery's name.
    let connection: String
    /// Name of the schema that holds the gallery.
    let gallery: String
    /// For messages: without password.
    let display: String

    /// - Throws: `GalleryError.invalidArgument` when no gallery is named, or the name cannot be a schema's.
    init(_ text: String) throws(GalleryError) {
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let items = halves.count < 2 ? [] : halves[1].split(separator: "&")
        let names = items.filter { $0.hasPrefix("gallery=") }
        guard GalleryLocation.isServer(text), names.count == 1 else {
            throw .invalidArgument(
                "\(Self.withoutPassword(String(halves[0]))): name the gallery: postgresql://user@host/database?gallery=NAME"
            )
        }
        gallery = String(names[0].dropFirst("gallery=".count))
        let first = gallery.utf8.first ?? 0
        guard (1...63).contains(gallery.utf8.count), !(48...57).contains(first), !gallery.hasPrefix("pg_"),
            gallery.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 })
        else {
            throw .invalidArgument(
                "'\(gallery)' cannot be a gallery's name: up to 63 of a-z, 0-9 and _, a letter first, not pg_…"
            )
        }
        let others = items.filter { !$0.hasPrefix("gallery=") }
        connection = ([String(halves[0])] + (others.isEmpty ? [] : [others.joined(separator: "&")]))
            .joined(separator: "?")
        let shown = items.filter { !$0.hasPrefix("password=") && !$0.hasPrefix("sslpassword=") }
        display = "\(Self.withoutPassword(String(halves[0])))?\(shown.joined(separator: "&"))"
    }

    private static func withoutPassword(_ address: String) -> String {
        guard let start = address.range(of: "//")?.upperBound else { return address }
        let end = address[start...].firstIndex(of: "/") ?? address.endIndex
        guard let at = address[start..<end].lastIndex(of: "@"),
            let colon = address[start..<at].firstIndex(of: ":")
        else { return address }
        return String(address[..<colon] + address[at...])
    }
}
