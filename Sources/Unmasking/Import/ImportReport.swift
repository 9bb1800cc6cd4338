/// What an import did with every key of a checkpoint.
public struct ImportReport: Codable, Sendable, Equatable {
    /// Keys that were not taken, and why.
    public struct LeftOut: Codable, Sendable, Equatable {
        /// A key, or a prefix with `*` for all keys below it.
        public var keys: String
        /// How many tensors it stands for.
        public var count: Int
        public var reason: String

        public init(keys: String, count: Int, reason: String) {
            self.keys = keys
            self.count = count
            self.reason = reason
        }
    }

    /// The layout that was read: "psp", "stylegan2", ….
    public var network: String
    public var source: String
    /// What was read from shapes and options, by name: sizes, channels, ….
    public var details: [String: String]
    /// Numbers in all parameters and buffers that were taken.
    public var parameters: Int
    /// Keys that were taken.
    public var mapped: Int
    public var leftOut: [LeftOut]

    public init(
        network: String, source: String, details: [String: String] = [:], parameters: Int = 0,
        mapped: Int = 0,
        leftOut: [LeftOut] = []
    ) {
        self.network = network
        self.source = source
        self.details = details
        self.parameters = parameters
        self.mapped = mapped
        self.leftOut = leftOut
    }
}
