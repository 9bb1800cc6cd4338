/// How requests that arrive together share a forward pass.
public struct BatchingSettings: Codable, Sendable, Equatable {
    /// At most this many at once; 1 runs every request by itself.
    public var maximum = 16
    /// How long the first one waits for others, in milliseconds.
    public var milliseconds = 4.0

    public init() {}
}
