import Foundation

/// The run's log: one JSON object per line, appended at once.
public final class MetricsLog {
    public struct Line: Codable, Sendable, Equatable {
        public enum Kind: String, Codable, Sendable { case start, train, validation, end }
        public var kind: Kind
        public var step: Int
        /// Seconds of training in all.
        public var seconds: Double
        /// Losses (means since the line before) or metrics.
        public var values: [String: Double]?
        public var rates: [String: Double]?
        public var samplesPerSecond: Double?
        public var note: String?

        public init(
            kind: Kind, step: Int, seconds: Double, values: [String: Double]? = nil,
            rates: [String: Double]? = nil, samplesPerSecond: Double? = nil, note: String? = nil
        ) {
            self.kind = kind
            self.step = step
            self.seconds = seconds
            self.values = values
            self.rates = rates
            self.samplesPerSecond = samplesPerSecond
            self.note = note
        }
    }

    public let path: String
    private let descriptor: Int32
    private let encoder: JSONEncoder

    /// Opens the log to append to it.
    /// - Parameter step: lines about later steps are removed first: the steps will be done again. Also a line that a killed
    ///   process left unfinished.
    public init(path: String, keepingThrough step: Int) throws {
        let encoder = JSONEncoder()
        self.path = path
        self.encoder = encoder
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if FileManager.default.fileExists(atPath: path) {
            let kept = try Self.read(path).filter { $0.step <= step }
            let text = try kept.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
                .joined()
            try FileOutput.write(Array(text.utf8), to: path)
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw TrainingError.file(
                path: path, reason: "cannot be opened: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    public func add(_ line: Line) throws {
        try append(Array(try encoder.encode(line)) + [UInt8(ascii: "\n")], to: descriptor, path: path)
    }

    public func flush() { fsync(descriptor) }

    /// The lines of a log; those that are not whole are left out.
    public static func read(_ path: String) throws(TrainingError) -> [Line] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .file(path: path, reason: "cannot be read")
        }
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(Line.self, from: Data($0))
        }
    }
}
