/// One thing the doctor looked at.
struct Finding: Encodable {
    enum Status: String, Encodable {
        /// There, and as it should be.
        case ok
        /// Not there, and only some work needs it.
        case absent
        /// Needed and not there, or of a wrong version.
        case missing
        /// There, but not the file that was checked.
        case damaged

        var isFailure: Bool { self == .missing || self == .damaged }

        var mark: String {
            switch self {
            case .ok: "✓"
            case .absent: "·"
            case .missing, .damaged: "✗"
            }
        }
    }

    let name: String
    let status: Status
    let detail: String
    /// What the user can do; nil when nothing needs doing.
    let remedy: String?

    init(_ name: String, _ detail: String, status: Status = .ok, remedy: String? = nil) {
        self.name = name
        self.status = status
        self.detail = detail
        self.remedy = remedy
    }
}

/// A group of findings under one heading.
struct Examination: Encodable {
    let title: String
    let findings: [Finding]
}
