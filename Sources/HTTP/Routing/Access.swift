/// What a caller may do; each includes those before it.
public enum Access: String, Codable, Sendable, CaseIterable, Comparable {
    /// Recover, compare, embed, search.
    case read
    /// Also add to galleries and delete from them.
    case write
    /// Also read the record of who did what.
    case admin

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}

/// Who calls, and what they may do.
public struct Caller: Equatable, Sendable {
    /// The token's name; "local" where no token is asked for.
    public let name: String
    public let access: Access

    public init(name: String, access: Access) {
        self.name = name
        self.access = access
    }
}
