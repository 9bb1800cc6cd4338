/// How far the making of an index is.
public struct IndexProgress: Sendable, Equatable {
    /// For people: "building hnsw", "tuning".
    public var step: String
    public var done: Int
    public var total: Int

    public init(step: String, done: Int, total: Int) {
        self.step = step
        self.done = done
        self.total = total
    }
}
