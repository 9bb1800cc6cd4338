/// What an addition did.
public struct AddReport: Codable, Sendable, Equatable {
    /// Id of each given entry, in their order; a duplicate has the id of the entry that was there before.
    public var ids: [Int64]
    /// Positions among the given entries of those that were there before and were left out.
    public var duplicates: [Int]
    /// Number of entries that are new.
    public var added: Int { ids.count - duplicates.count }

    public init(ids: [Int64], duplicates: [Int]) {
        self.ids = ids
        self.duplicates = duplicates
    }
}
