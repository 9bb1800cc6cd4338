/// Means of named values since the last reset. Part of a checkpoint, so that a resumed run logs the same numbers.
public struct RunningMeans: Codable, Sendable, Equatable {
    private var sums: [String: Double] = [:]
    private var counts: [String: Int] = [:]

    public init() {}

    public mutating func add(_ values: [String: Double]) {
        for (name, value) in values {
            sums[name, default: 0] += value
            counts[name, default: 0] += 1
        }
    }

    public var values: [String: Double] {
        Dictionary(uniqueKeysWithValues: sums.map { ($0, $1 / Double(counts[$0] ?? 1)) })
    }

    public mutating func reset() { self = RunningMeans() }
}
