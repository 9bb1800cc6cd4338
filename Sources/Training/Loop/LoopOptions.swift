/// How long a run goes on and what it writes when. An interval of 0 means never.
public struct LoopOptions: Codable, Sendable, Equatable {
    /// Steps in all, those of earlier sessions included.
    public var steps = 10_000
    /// Time budget of this session in minutes; the run stops in good order when it is spent, and can be resumed.
    public var minutes: Double?
    /// Steps between log lines (means over them).
    public var logEvery = 50
    public var validateEvery = 0
    public var checkpointEvery = 500
    public var sampleEvery = 0
    /// Steps between histograms of the weights.
    public var histogramEvery = 0
    /// How many of the newest checkpoints stay.
    public var keepCheckpoints = 3
    /// The validation metric by which `best.safetensors` is chosen; nil keeps none.
    public var bestMetric: String?
    public var higherIsBetter = true
    /// Decay of weight averages starts as min(decay, (1 + step) / (10 + step)), so that they forget the initial weights.
    public var averageWarmUp = true

    public init() {}

    public init(steps: Int) { self.steps = steps }

    /// - Throws: `TrainingError.invalidArgument` naming the setting.
    public func validate() throws(TrainingError) {
        guard steps >= 0 else { throw .invalidArgument("steps: \(steps), expected at least 0") }
        guard minutes ?? 1 > 0 else {
            throw .invalidArgument("minutes: \(minutes ?? 0), expected more than 0")
        }
        for (name, value) in [
            ("logEvery", logEvery), ("validateEvery", validateEvery), ("checkpointEvery", checkpointEvery),
            ("sampleEvery", sampleEvery), ("histogramEvery", histogramEvery),
        ] where value < 0 {
            throw .invalidArgument("\(name): \(value), expected at least 0")
        }
        guard keepCheckpoints >= 1 else {
            throw .invalidArgument("keepCheckpoints: \(keepCheckpoints), expected at least 1")
        }
        guard bestMetric == nil || validateEvery > 0 else {
            throw .invalidArgument("bestMetric '\(bestMetric ?? "")' needs validateEvery > 0")
        }
    }
}

/// What to do with checkpoints that the run's folder holds already.
public enum ResumeMode: String, Codable, Sendable {
    /// Continue from the newest one, or start when there is none.
    case automatic
    /// Start anew; an error when there are any.
    case fresh
    /// Continue; an error when there is none.
    case required
}
