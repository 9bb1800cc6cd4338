/// What the validations of a run measured.
public struct TrainingHistory: Codable, Sendable, Equatable {
    public struct Record: Codable, Sendable, Equatable {
        public let step: Int
        public let values: [String: Double]
    }

    /// In the order of the steps.
    public private(set) var validations: [Record] = []
    /// The best value of the metric that the run selects by, and its step.
    public internal(set) var best: Best?

    public struct Best: Codable, Sendable, Equatable {
        public let step: Int
        public let metric: String
        public let value: Double
    }

    public init() {}

    mutating func add(step: Int, _ values: [String: Double]) {
        validations.append(Record(step: step, values: values.filter(\.value.isFinite)))
    }
}
