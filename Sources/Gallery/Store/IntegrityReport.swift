/// What an integrity check found.
public struct IntegrityReport: Codable, Sendable, Equatable {
    public struct Check: Codable, Sendable, Equatable {
        public var name: String
        public var isSound: Bool
        /// What was looked at, or what is wrong.
        public var detail: String

        public init(name: String, isSound: Bool, detail: String) {
            self.name = name
            self.isSound = isSound
            self.detail = detail
        }
    }

    public var checks: [Check]
    public var isSound: Bool { checks.allSatisfy(\.isSound) }

    public init(checks: [Check]) { self.checks = checks }
}
