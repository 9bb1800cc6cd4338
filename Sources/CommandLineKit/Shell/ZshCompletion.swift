/// Completion for zsh.
struct ZshCompletion {
    let name: String
    let commands: [CommandDeclaration]

    var script: String {
        let paths = commands.dropFirst().map { $0.path.joined(separator: " ").shellQuoted }
        let cases = commands.map { command -> String in
            var arguments = command.options.flatMap(Self.specifications)
            arguments.append("'(-h --help)'{-h,--help}'[Show this help.]'")
            if !command.subcommands.isEmpty {
                arguments.append("'1: :->command'")
            }
            arguments += command.positionals.enumerated().map { index, positional in
                let place = positional.isRepeated ? "*" : "\(index + 1)"
                return "\(place):\(Self.escaped(positional.name)):\(Self.action(positional.completion))"
                    .shellQuoted
            }
            let list = command.subcommands.map {
                "\(Self.escaped($0.name)):\($0.abstract.replacing(":", with: "\\:"))".shellQuoted
            }
            var text = "        (\(command.path.joined(separator: " ").shellQuoted))\n"
            text += "            _arguments -s \(arguments.joined(separator: " \\\n                "))\n"
            if !list.isEmpty {
                text += "            commands=(\(list.joined(separator: " ")))\n"
                text += "            [[ $state == command ]] && _describe command commands\n"
            }
            return text + "            ;;"
        }
        return """
            #compdef \(name)
            # Completion of \(name) for zsh: put it as _\(name) into a folder of $fpath.
            _\(name)() {
                local place=\(name) state
                local -a commands
                local -i index=2
                while (( index < CURRENT )); do
                    case "$place ${words[index]}" in
                        (\(paths.joined(separator: "|"))) place="$place ${words[index]}"; (( index++ )) ;;
                        (*) break ;;
                    esac
                done
                # What follows the command is completed as if the command stood alone.
                shift $(( index - 2 )) words
                (( CURRENT -= index - 2 ))
                case "$place" in
            \(cases.joined(separator: "\n"))
                esac
            }
            if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then _\(name) "$@"; else compdef _\(name) \(name); fi

            """
    }

    private static func specifications(_ option: ParameterDeclaration) -> [String] {
        let help = "[\(escaped(option.help))]"
        let value = option.takesValue ? ":\(escaped(option.valueName)):\(action(option.completion))" : ""
        let repeats = option.isRepeated ? "*" : ""
        return option.spellings.map { "\(repeats)\($0)\(help)\(value)".shellQuoted }
    }

    private static func action(_ completion: CompletionKind) -> String {
        switch completion {
        case .none: " "
        case .list(let values): "(\(values.joined(separator: " ")))"
        case .file: "_files"
        case .folder: "_files -/"
        }
    }

    /// Brackets, colons and backslashes mean something to `_arguments`.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "[]:\\".contains(character) { result.append("\\") }
            result.append(character)
        }
    }
}
