import CommandLineKit
import Resources

/// `semblance doctor`: what Semblance needs, whether it is there, and what to do where it is not.
struct DoctorCommand: Command {
    static let name = "doctor"
    static let abstract =
        "Report every dependency, weight file and device, and what to do about missing ones."
    static let discussion = "Ends with status 1 when something that the commands need is missing or damaged."
    static let examples = [
        CommandExample("semblance doctor", "Look at this machine."),
        CommandExample(
            "semblance doctor --json", "The same for scripts: .ok is true when nothing needed is missing."),
    ]

    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let locator = ResourceLocator.standard
        let sections = [
            Examination.system(locator), Examination.tools(), Examination.libraries(), Examination.devices(),
            Examination.places(locator), Examination.weights(locator), Examination.models(locator),
        ]
        let findings = sections.flatMap(\.findings)
        let isOK = !findings.contains { $0.status.isFailure }
        try invocation.reporter.result(Report(ok: isOK, version: Semblance.version, sections: sections))
        try print(sections, isOK, invocation.reporter)
        if !isOK { throw Exit(ExitStatus.failure) }
    }

    private struct Report: Encodable {
        let ok: Bool
        let version: String
        let sections: [Examination]
    }

    private func print(_ sections: [Examination], _ isOK: Bool, _ reporter: Reporter) throws {
        let column = (sections.flatMap(\.findings).map(\.name.count).max() ?? 0) + 2
        for section in sections {
            try reporter.line(section.title)
            for finding in section.findings {
                let padding = String(repeating: " ", count: column - finding.name.count)
                try reporter.line("  \(finding.status.mark) \(finding.name)\(padding)\(finding.detail)")
                if let remedy = finding.remedy { try reporter.line("      -> \(remedy)") }
            }
            try reporter.line()
        }
        try reporter.line(
            isOK ? "Everything that is needed is there." : "Something is missing: follow the arrows.")
    }
}
