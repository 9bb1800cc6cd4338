import Foundation

/// Who did what to a gallery. Records hold numbers and ids, never names or paths of the people shown, so that they
/// may outlive a deletion.
public struct AuditRecord: Codable, Sendable, Equatable {
    public enum Action: String, Codable, Sendable, CaseIterable {
        case create, add, search, find, delete, optimise, export
    }

    /// Ascending.
    public var id: Int64
    public var time: Date
    public var actor: String
    public var action: Action
    /// For people: ["images": "12"].
    public var detail: [String: String]

    public init(id: Int64, time: Date, actor: String, action: Action, detail: [String: String]) {
        self.id = id
        self.time = time
        self.actor = actor
        self.action = action
        self.detail = detail
    }
}
