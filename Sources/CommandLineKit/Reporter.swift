import Foundation

/// Where a command tells what it found and how it is getting on.
///
/// Results go to standard output: text for people through `line`, or with `--json` one JSON document through
/// `result`, and nothing else. Progress, notes and warnings go to standard error, so that scripts never see them.
public final class Reporter: Sendable {
    private let output: TextOutput
    private let errors: TextOutput
    private let status: StatusLine
    /// Whether `--json` was given.
    public let isJSON: Bool
    /// Whether `--quiet` was given.
    public let isQuiet: Bool

    public init(
        output: TextOutput = .standardOutput, errors: TextOutput = .standardError, json: Bool = false,
        quiet: Bool = false
    ) {
        self.output = output
        self.errors = errors
        isJSON = json
        isQuiet = quiet
        status = StatusLine(errors)
    }

    /// The same places, with other settings.
    func with(json: Bool, quiet: Bool) -> Reporter {
        Reporter(output: output, errors: errors, json: json, quiet: quiet)
    }

    /// Prints a line of the report for people; nothing with `--json`.
    public func line(_ text: String = "") throws(OutputError) {
        guard !isJSON else { return }
        status.clear()
        try output.write(text + "\n")
    }

    /// Prints the report as JSON, indented, with sorted keys and times in ISO 8601; nothing without `--json`.
    /// - Throws: `OutputError`, also for values that are not finite: JSON has no way to write them.
    public func result(_ value: some Encodable) throws(OutputError) {
        guard isJSON else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        let text: String
        do {
            text = String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw OutputError(isClosed: false, message: "the report cannot be written as JSON: \(error)")
        }
        status.clear()
        try output.write(text + "\n")
    }

    /// Prints a remark on standard error, unless `--quiet`.
    public func note(_ text: String) {
        guard !isQuiet else { return }
        complain(text)
    }

    /// Prints a warning on standard error.
    public func warning(_ text: String) { complain("semblance: warning: \(text)") }

    /// Prints an error on standard error.
    public func error(_ text: String) { complain("semblance: error: \(text)") }

    /// Shows how far work has come, unless `--quiet`: on a terminal one line that is redrawn at most ten times a
    /// second, elsewhere a line every ten seconds. `isFinal` shows it in any case and ends the line.
    public func progress(_ text: @autoclosure () -> String, isFinal: Bool = false) {
        guard !isQuiet else { return }
        status.show(text, isFinal: isFinal)
    }

    private func complain(_ text: String) {
        status.clear()
        // There is nowhere left to tell that standard error cannot be written.
        try? errors.write(text + "\n")
    }
}
