import Foundation

/// One line of JSON per request: who asked for what and how it ended. Neither queries nor bodies are in it, so that no name and
/// no face gets into logs.
public struct AccessLog: Sendable {
    public struct Line: Codable, Sendable, Equatable {
        public var time: String
        public var peer: String
        /// The token's name; nil when nobody was told apart.
        public var caller: String?
        public var method: String
        /// The route, "/v1/gallery/{kind}/entries/{id}", not the address; "-" for none.
        public var route: String
        public var status: Int
        public var received: Int
        public var sent: Int
        public var milliseconds: Double
        /// "done", "client gone", "time limit", "error": how the connection saw it.
        public var outcome: String
    }

    private let write: @Sendable (Line) -> Void

    public init(_ write: @escaping @Sendable (Line) -> Void) { self.write = write }

    public static let none = AccessLog { _ in }

    /// Lines of JSON, ended by a line feed.
    public static func json(_ write: @escaping @Sendable (String) -> Void) -> AccessLog {
        AccessLog { line in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let data = try? encoder.encode(line) else { return }
            write(String(decoding: data, as: UTF8.self) + "\n")
        }
    }

    func callAsFunction(_ line: Line) { write(line) }
}
