/// How a session of training ended.
public struct TrainingOutcome: Sendable, Codable, Equatable {
    public enum Reason: String, Sendable, Codable {
        /// All steps are done, or the data loader's epochs.
        case finished
        /// The user asked to stop.
        case interrupted
        /// The time budget is spent.
        case outOfTime
    }

    public let reason: Reason
    /// Steps done in all.
    public let step: Int
    /// Step at which this session began.
    public let startedAt: Int
    /// Seconds of training in all, over every session.
    public let seconds: Double
    public let history: TrainingHistory
    /// The last checkpoint.
    public let checkpoint: String?
}
