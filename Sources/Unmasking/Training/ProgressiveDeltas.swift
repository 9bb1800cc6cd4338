/// Progressive training of e4e (Tov et al. 2021, section 4.2): a stage starts with codes of W, and lets one style after the
/// other differ from the first.
public struct ProgressiveDeltas: Codable, Sendable, Equatable {
    /// Steps of the stage before the first style may differ.
    public var start: Int
    /// Steps from one style to the next; 0 lets all styles differ from the stage's first step on.
    public var every: Int

    public init(start: Int = 0, every: Int = 0) {
        self.start = start
        self.every = every
    }

    /// How many styles may differ from style 0 in a step of the stage; nil for all.
    public func active(step: Int) -> Int? {
        guard every > 0 else { return nil }
        return step < start ? 0 : 1 + (step - start) / every
    }
}
