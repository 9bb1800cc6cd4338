import CommandLineKit

/// `semblance completion bash`.
struct CompletionCommand: Command {
    static let name = "completion"
    static let abstract = "Print a script that makes a shell complete commands and options."
    static let examples = [
        CommandExample(
            "semblance completion bash > ~/.local/share/bash-completion/completions/semblance", "For bash."),
        CommandExample("semblance completion zsh > ~/.zfunc/_semblance", "For zsh, with ~/.zfunc in $fpath."),
        CommandExample(
            "semblance completion fish > ~/.config/fish/completions/semblance.fish", "For fish."),
    ]

    @Argument(help: "The shell.") var shell: Shell

    func run(_ invocation: Invocation) throws {
        try TextOutput.standardOutput.write(Semblance.program.completion(for: shell))
    }
}
