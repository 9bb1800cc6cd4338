import Foundation

/// Gradient reports over a training run, in a JSON file.
public struct GradientHistory: Codable, Sendable, Equatable {
    /// In order of steps.
    public private(set) var reports: [GradientReport] = []

    public init() {}

    /// Adds a report. Those of its step and later ones, which a resumed run repeats, are dropped.
    public mutating func append(_ report: GradientReport) {
        if let step = report.step { reports.removeAll { ($0.step ?? -1) >= step } }
        reports.append(report)
    }

    /// - Throws: `ReIDError.data` naming the file that cannot be read.
    public static func read(_ path: String) throws(ReIDError) -> GradientHistory {
        do {
            return try decoder.decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw .data(path: path, reason: "no history of gradients can be read from it: \(error)")
        }
    }

    /// Writes the file as a whole: an older one stays until the new one is complete.
    /// - Throws: `ReIDError.data` naming the file that cannot be written.
    public func write(to path: String) throws(ReIDError) {
        do {
            try Self.encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw .data(path: path, reason: "cannot be written: \(error.localizedDescription)")
        }
    }

    private static let notFinite = (positive: "Infinity", negative: "-Infinity", nan: "NaN")

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: notFinite.positive, negativeInfinity: notFinite.negative, nan: notFinite.nan)
        return encoder
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: notFinite.positive, negativeInfinity: notFinite.negative, nan: notFinite.nan)
        return decoder
    }
}
