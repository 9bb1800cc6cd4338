/// Shells that completion can be written for.
public enum Shell: String, CaseIterable, Sendable, ArgumentValue { case bash, zsh, fish }

extension Program {
    /// A script that makes a shell complete this program's commands, options, values and files.
    public func completion(for shell: Shell) -> String {
        let commands = declarations()
        return switch shell {
        case .bash: BashCompletion(name: name, commands: commands).script
        case .zsh: ZshCompletion(name: name, commands: commands).script
        case .fish: FishCompletion(name: name, commands: commands).script
        }
    }
}

extension String {
    /// In single quotes, as every shell reads it.
    var shellQuoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

extension ParameterDeclaration {
    /// "--output", "-o", "--no-blend": all ways to write the option.
    var spellings: [String] {
        guard kind != .positional else { return [] }
        var all = ["--\(name)"]
        if case .flag(isInvertible: true) = kind { all.append("--no-\(name)") }
        if let short { all.append("-\(short)") }
        return all
    }

    var takesValue: Bool { kind == .option }
}
