import Synchronization

/// Counters and histograms, printed in Prometheus' text format 0.0.4.
public final class Metrics: Sendable {
    public enum Kind: Sendable, Equatable {
        case counter
        case gauge
        /// Upper bounds of the buckets, ascending; the one up to infinity is added.
        case histogram([Double])

        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// What one name stands for.
    public struct Family: Sendable {
        public let name: String
        public let help: String
        public let kind: Kind

        public init(_ name: String, _ help: String, _ kind: Kind) {
            self.name = name
            self.help = help
            self.kind = kind
        }
    }

    private struct Histogram {
        var counts: [Int]
        var sum = 0.0
        var total = 0
    }

    private struct Values {
        var numbers: [String: Double] = [:]
        var histograms: [String: Histogram] = [:]
    }

    private struct State {
        var families: [Family] = []
        var values: [String: Values] = [:]
        var gauges: [@Sendable () -> [(name: String, labels: [(String, String)], value: Double)]] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Makes a name known; it is printed from then on, also without a value.
    public func declare(_ family: Family) {
        state.withLock { state in
            guard state.values[family.name] == nil else { return }
            state.families.append(family)
            state.values[family.name] = Values()
        }
    }

    /// Values that are asked for when the metrics are read; their names must be declared as gauges.
    public func observeAtReading(
        _ read: @escaping @Sendable () -> [(name: String, labels: [(String, String)], value: Double)]
    ) { state.withLock { $0.gauges.append(read) } }

    public func count(_ name: String, _ labels: [(String, String)] = [], by amount: Double = 1) {
        let key = Self.text(labels)
        state.withLock { $0.values[name]?.numbers[key, default: 0] += amount }
    }

    public func observe(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
        let key = Self.text(labels)
        state.withLock { state in
            guard let family = state.families.first(where: { $0.name == name }),
                case .histogram(let bounds) = family.kind
            else { return }
            var histogram =
                state.values[name]?.histograms[key]
                ?? Histogram(counts: [Int](repeating: 0, count: bounds.count))
            if let bucket = bounds.firstIndex(where: { value <= $0 }) { histogram.counts[bucket] += 1 }
            histogram.sum += value
            histogram.total += 1
            state.values[name]?.histograms[key] = histogram
        }
    }

    /// Everything, by name in the order of declaration, and by labels in alphabetical order.
    public func text() -> String {
        // Outside the lock: they may take locks of their own.
        let readers = state.withLock { $0.gauges }
        var read: [String: [String: Double]] = [:]
        for reader in readers {
            for entry in reader() { read[entry.name, default: [:]][Self.text(entry.labels)] = entry.value }
        }
        let (families, values) = state.withLock { ($0.families, $0.values) }
        var lines: [String] = []
        for family in families {
            lines.append("# HELP \(family.name) \(family.help)")
            lines.append("# TYPE \(family.name) \(family.kind.name)")
            guard let own = values[family.name] else { continue }
            if case .histogram(let bounds) = family.kind {
                for (labels, histogram) in own.histograms.sorted(by: { $0.key < $1.key }) {
                    lines += Self.lines(family.name, labels, bounds, histogram)
                }
            } else {
                let numbers = own.numbers.merging(read[family.name] ?? [:]) { _, new in new }
                for (labels, value) in numbers.sorted(by: { $0.key < $1.key }) {
                    lines.append("\(family.name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value))")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ name: String, _ labels: String, _ bounds: [Double], _ histogram: Histogram)
        -> [String]
    {
        let prefix = labels.isEmpty ? "" : "\(labels),"
        let suffix = labels.isEmpty ? "" : "{\(labels)}"
        var lines: [String] = []
        var cumulative = 0
        for (bound, count) in zip(bounds, histogram.counts) {
            cumulative += count
            lines.append("\(name)_bucket{\(prefix)le=\"\(number(bound))\"} \(cumulative)")
        }
        lines.append("\(name)_bucket{\(prefix)le=\"+Inf\"} \(histogram.total)")
        lines.append("\(name)_sum\(suffix) \(number(histogram.sum))")
        lines.append("\(name)_count\(suffix) \(histogram.total)")
        return lines
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// `route="/v1/embed",method="POST"`.
    private static func text(_ labels: [(String, String)]) -> String {
        labels.map { name, value in
            var escaped = ""
            for character in value {
                switch character {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                default: escaped.append(character)
                }
            }
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }
}
