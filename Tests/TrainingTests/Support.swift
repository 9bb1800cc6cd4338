import Foundation
import Synchronization
import Testing
import Training

/// Files written by Tools/reference/events.py.
enum Fixtures {
    static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: path(name))))
    }
}

/// A folder that is removed afterwards.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "semblance-training-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// Collects what a progress reporter writes.
final class RecordedOutput: ProgressOutput {
    let isTerminal: Bool
    let columns: Int
    private let recorded = Mutex("")

    init(isTerminal: Bool, columns: Int = 100) {
        self.isTerminal = isTerminal
        self.columns = columns
    }

    func write(_ text: String) { recorded.withLock { $0 += text } }

    var text: String { recorded.withLock { $0 } }
}

/// The error that a body throws, as text.
func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "no error"
}

extension MetricsLog {
    /// Step and losses of each training line: what must not change when a run is interrupted.
    static func losses(_ folder: String) throws -> [Line] {
        try read("\(folder)/log.jsonl").filter { $0.kind == .train || $0.kind == .validation }.map {
            Line(kind: $0.kind, step: $0.step, seconds: 0, values: $0.values, rates: $0.rates)
        }
    }
}
