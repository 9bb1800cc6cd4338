/// Completion for fish 3 and newer.
struct FishCompletion {
    let name: String
    let commands: [CommandDeclaration]

    var script: String {
        let function = "__\(name)_at"
        let paths = commands.dropFirst().map { $0.path.joined(separator: " ").shellQuoted }
        var lines: [String] = []
        for command in commands {
            let condition =
                "-n \("\(function) \(command.path.joined(separator: " ").shellQuoted)".fishQuoted)"
            for subcommand in command.subcommands {
                lines.append(
                    "complete -c \(name) \(condition) -a \(subcommand.name) -d \(subcommand.abstract.fishQuoted)"
                )
            }
            for option in command.options {
                lines += Self.options(option).map { "complete -c \(name) \(condition) \($0)" }
            }
            for positional in command.positionals {
                switch positional.completion {
                case .file: lines.append("complete -c \(name) \(condition) -F")
                case .folder:
                    lines.append("complete -c \(name) \(condition) -a '(__fish_complete_directories)'")
                case .list(let values):
                    lines.append(
                        "complete -c \(name) \(condition) -a \(values.joined(separator: " ").fishQuoted)")
                case .none: break
                }
            }
        }
        return """
            # Completion of \(name) for fish: put it into ~/.config/fish/completions/\(name).fish
            function \(function)
                set -l place \(name)
                for word in (commandline -opc)[2..]
                    if contains -- "$place $word" \(paths.joined(separator: " "))
                        set place "$place $word"
                    else
                        break
                    end
                end
                test "$place" = "$argv[1]"
            end
            complete -c \(name) -f
            complete -c \(name) -s h -l help -d 'Show this help.'
            \(lines.joined(separator: "\n"))

            """
    }

    private static func options(_ option: ParameterDeclaration) -> [String] {
        let value: String =
            switch option.completion {
            case _ where !option.takesValue: ""
            case .none: " -x"
            case .list(let values): " -x -a \(values.joined(separator: " ").fishQuoted)"
            case .file: " -r -F"
            case .folder: " -x -a '(__fish_complete_directories)'"
            }
        let short = option.short.map { " -s \($0)" } ?? ""
        var lines = ["-l \(option.name)\(short)\(value) -d \(option.help.fishQuoted)"]
        if case .flag(isInvertible: true) = option.kind {
            lines.append("-l no-\(option.name) -d \(option.help.fishQuoted)")
        }
        return lines
    }
}

extension String {
    /// In single quotes, as fish reads them: only ' and \ are special.
    fileprivate var fishQuoted: String {
        "'"
            + reduce(into: "") { result, character in
                if character == "'" || character == "\\" { result.append("\\") }
                result.append(character)
            } + "'"
    }
}
