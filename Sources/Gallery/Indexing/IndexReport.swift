/// What indexing did so far.
public struct IndexReport: Codable, Sendable, Equatable {
    /// A file that was left out.
    public struct Unreadable: Codable, Sendable, Equatable {
        public var file: String
        public var reason: String
    }

    /// Number of files in all.
    public var files: Int
    /// Number of files that are dealt with.
    public var done = 0
    /// Number of entries that are new; a photo of several people has several.
    public var added = 0
    /// Number of files whose content is in the gallery already, or came twice.
    public var duplicates = 0
    /// Files in which nobody was found.
    public var empty: [String] = []
    public var unreadable: [Unreadable] = []

    public init(files: Int) { self.files = files }
}
