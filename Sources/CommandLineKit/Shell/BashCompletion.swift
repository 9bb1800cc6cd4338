/// Completion for bash 4 and newer.
struct BashCompletion {
    let name: String
    let commands: [CommandDeclaration]

    var script: String {
        let function = "_\(name)"
        let paths = commands.dropFirst().map { $0.path.joined(separator: " ").shellQuoted }
        var values: [String] = []
        var words: [String] = []
        for command in commands {
            let path = command.path.joined(separator: " ")
            for option in command.options where option.takesValue {
                let patterns = option.spellings.map { "\(path) \($0)".shellQuoted }.joined(separator: " | ")
                values.append("        \(patterns)) \(Self.action(option.completion)); return ;;")
            }
            let options = (command.options.flatMap(\.spellings) + ["--help"]).joined(separator: " ")
            let plain = command.subcommands.map(\.name) + Self.list(command.positionals)
            words.append(
                "        \(path.shellQuoted)) options=\(options.shellQuoted); words=\(plain.joined(separator: " ").shellQuoted); files=\(Self.files(command.positionals)) ;;"
            )
        }
        return """
            # Completion of \(name) for bash: source it, or put it into ~/.local/share/bash-completion/completions/\(name)
            \(function)() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path=\(name) options='' words='' files='' index
                COMPREPLY=()
                for ((index = 1; index < COMP_CWORD; index++)); do
                    case "$path ${COMP_WORDS[index]}" in
                        \(paths.joined(separator: " | "))) path="$path ${COMP_WORDS[index]}" ;;
                        *) break ;;
                    esac
                done
                case "$path $previous" in
            \(values.joined(separator: "\n"))
                esac
                case "$path" in
            \(words.joined(separator: "\n"))
                esac
                if [[ $current == -* ]]; then
                    COMPREPLY=($(compgen -W "$options" -- "$current"))
                    return
                fi
                COMPREPLY=($(compgen -W "$words" -- "$current"))
                case $files in
                    file) compopt -o filenames; COMPREPLY+=($(compgen -f -- "$current")) ;;
                    folder) compopt -o filenames; COMPREPLY+=($(compgen -d -- "$current")) ;;
                esac
            }
            complete -F \(function) \(name)

            """
    }

    private static func action(_ completion: CompletionKind) -> String {
        switch completion {
        case .none: ":"
        case .list(let values):
            "COMPREPLY=($(compgen -W \(values.joined(separator: " ").shellQuoted) -- \"$current\"))"
        case .file: "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))"
        case .folder: "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$current\"))"
        }
    }

    private static func list(_ positionals: [ParameterDeclaration]) -> [String] {
        positionals.flatMap { positional in
            if case .list(let values) = positional.completion { return values }
            return []
        }
    }

    private static func files(_ positionals: [ParameterDeclaration]) -> String {
        if positionals.contains(where: { $0.completion == .file }) { return "file" }
        return positionals.contains { $0.completion == .folder } ? "folder" : ""
    }
}
