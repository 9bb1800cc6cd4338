import Foundation
import Metrics

/// Thresholds of a recogniser at stated false acceptance rates, measured on pairs of photos.
public struct VerificationCalibration: Codable, Sendable, Equatable {
    public static let format = "semblance-verification-1"

    /// One operating point.
    public struct Point: Codable, Sendable, Equatable {
        /// Allowed false acceptance rate.
        public var far: Double
        /// Similarity from which two photos are taken to show one person.
        public var threshold: Double
        /// Share of same-person pairs accepted, and its 95 % interval.
        public var tar: Double
        public var tarInterval: Interval
    }

    /// What gave the similarities.
    public enum Similarity: String, Codable, Sendable, CaseIterable {
        /// The cosine of two embeddings.
        case cosine
        /// The recogniser's `JointComparison`.
        case joint
    }

    public var format: String
    /// "sface", "dlib", "edgeface".
    public var recogniser: String
    /// What the second photos were: "clean", "masked", "recovered".
    public var probe: String
    /// Absent for cosines in files of earlier versions.
    public var similarity: Similarity?
    /// Which photos, in words.
    public var source: String
    public var genuinePairs: Int
    public var impostorPairs: Int
    /// From lenient to strict.
    public var points: [Point]

    /// The name of the calibration in `Models/`.
    public static func name(recogniser: String, probe: String) -> String {
        probe == "clean" ? "verification-\(recogniser)" : "verification-\(recogniser)-\(probe)"
    }

    /// Points at FAR 1e-1, 1e-2, … as far as ten impostor pairs or more lie above the threshold.
    public init(
        recogniser: String, probe: String, similarity: Similarity = .cosine, source: String,
        scores: VerificationScores
    ) throws(MetricsError) {
        var points: [Point] = []
        var divisor = 10.0
        while Double(scores.impostor.count) / divisor >= 10, divisor <= 1e6 {
            let point = try scores.operatingPoint(far: 1 / divisor)
            points.append(
                Point(
                    far: 1 / divisor, threshold: Double(point.threshold), tar: point.tar,
                    tarInterval: point.interval))
            divisor *= 10
        }
        guard !points.isEmpty else {
            throw .empty(
                "\(scores.impostor.count) pairs of two persons are too few for a calibration: at least 100 are needed"
            )
        }
        format = Self.format
        self.recogniser = recogniser
        self.probe = probe
        self.similarity = similarity
        self.source = source
        genuinePairs = scores.genuine.count
        impostorPairs = scores.impostor.count
        self.points = points
    }

    /// The operating point for a false acceptance rate.
    /// - Throws: `FacesError.invalidArgument` listing those there are.
    public func point(far: Double) throws(FacesError) -> Point {
        if let point = points.first(where: { abs($0.far - far) <= far * 1e-6 }) { return point }
        let known = points.map { "\($0.far)" }.joined(separator: ", ")
        throw .invalidArgument(
            "the calibration of \(recogniser) has no threshold for a false acceptance rate of \(far), only for \(known)"
        )
    }

    /// - Throws: `FacesError.invalidArgument` naming the file.
    public init(contentsOf path: String) throws(FacesError) {
        let advice = "make one with 'semblance evaluate verification … --calibration FILE'"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .invalidArgument("\(path): there is no calibration; \(advice)")
        }
        do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
            throw .invalidArgument("\(path): is not a calibration of verification; \(advice)")
        }
        guard format == Self.format, !points.isEmpty,
            points.allSatisfy({ $0.far > 0 && $0.far <= 1 && $0.threshold.isFinite })
        else {
            throw .invalidArgument(
                "\(path): format '\(format)' with \(points.count) points, expected '\(Self.format)'; \(advice)"
            )
        }
    }

    /// Writes the file completely or not at all.
    public func write(to path: String) throws(FacesError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            try (try encoder.encode(self) + [10]).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw .invalidArgument("\(path): cannot be written: \(error.localizedDescription)")
        }
    }
}
