import CommandLineKit

/// `semblance manual`.
struct ManualCommand: Command {
    static let name = "manual"
    static let abstract = "Print the manual page of all commands."
    static let examples = [
        CommandExample("semblance manual | man -l -", "Read it."),
        CommandExample(
            "semblance manual > /usr/local/share/man/man1/semblance.1", "Install it, as root."),
    ]

    func run(_ invocation: Invocation) throws {
        try TextOutput.standardOutput.write(
            Semblance.program.manual(notes: [
                (
                    "Environment",
                    "SEMBLANCE_MODELS and SEMBLANCE_CACHE name the folders of models and of installed weights; SEMBLANCE_EDGEFACE names EdgeFace's converted weights."
                ),
                (
                    "Responsible use",
                    "A recovered face is a guess that fits the visible part. It is not evidence of how a person looks, and must not be used to accuse, identify or track anyone on its own."
                ),
            ]))
    }
}
