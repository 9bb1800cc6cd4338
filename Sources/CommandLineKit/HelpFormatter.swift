/// Lays out help texts.
public struct HelpFormatter: Sendable {
    /// Columns to fill.
    public let width: Int

    public init(width: Int = 80) { self.width = max(width, 40) }

    /// The whole help of a command or group.
    public func help(_ command: CommandDeclaration) -> String {
        var text = wrap(command.abstract, indentation: 0) + "\n\n"
        text += "USAGE\n  \(Self.usage(command))\n"
        if !command.subcommands.isEmpty {
            text += section("COMMANDS", command.subcommands.map { ($0.name, $0.abstract) })
        }
        if !command.positionals.isEmpty {
            text += section(
                "ARGUMENTS", command.positionals.map { (Self.usageForm($0, bare: true), Self.detail($0)) })
        }
        let options = command.options
        var titles = [""]
        for option in options where !titles.contains(option.section) { titles.append(option.section) }
        for title in titles {
            var rows = options.filter { $0.section == title }.map { (Self.label($0), Self.detail($0)) }
            if title.isEmpty { rows.append(("-h, --help", "Show this help.")) }
            text += section(title.isEmpty ? "OPTIONS" : title.uppercased(), rows)
        }
        if !command.discussion.isEmpty {
            let paragraphs = command.discussion.split(separator: "\n", omittingEmptySubsequences: false)
            text += "\n" + paragraphs.map { wrap(String($0), indentation: 0) }.joined(separator: "\n") + "\n"
        }
        if !command.examples.isEmpty {
            text += "\nEXAMPLES\n"
            text += command.examples.map { "  \($0.line)\n\(wrap($0.purpose, indentation: 6))\n" }.joined(
                separator: "\n")
        }
        if !command.subcommands.isEmpty {
            text +=
                "\n"
                + wrap(
                    "Help for one of them: \(command.path.joined(separator: " ")) COMMAND --help",
                    indentation: 0) + "\n"
        }
        return text
    }

    /// "semblance unmask [OPTIONS] INPUT..."
    public static func usage(_ command: CommandDeclaration) -> String {
        var words = command.path
        if !command.subcommands.isEmpty { words.append(command.isCommand ? "[COMMAND]" : "COMMAND") }
        if command.options.contains(where: { !$0.isRequired }) || !command.subcommands.isEmpty {
            words.append("[OPTIONS]")
        }
        words += command.options.filter(\.isRequired).map { usageForm($0) }
        words += command.positionals.map { usageForm($0) }
        return words.joined(separator: " ")
    }

    /// "--output DIR", "INPUT...", "[INPUT]".
    static func usageForm(_ parameter: ParameterDeclaration, bare: Bool = false) -> String {
        guard parameter.kind == .positional else { return "\(parameter.spelling) \(parameter.valueName)" }
        let form = parameter.name + (parameter.isRepeated ? "..." : "")
        return parameter.isRequired || bare ? form : "[\(form)]"
    }

    /// "-o, --output DIR", "    --[no-]blend".
    private static func label(_ parameter: ParameterDeclaration) -> String {
        let short = parameter.short.map { "-\($0), " } ?? "    "
        switch parameter.kind {
        case .flag(isInvertible: true): return "\(short)--[no-]\(parameter.name)"
        case .flag: return "\(short)--\(parameter.name)"
        default:
            return "\(short)--\(parameter.name) \(parameter.valueName)\(parameter.isRepeated ? "..." : "")"
        }
    }

    static func detail(_ parameter: ParameterDeclaration) -> String {
        var text = parameter.help
        if !parameter.allowedValues.isEmpty {
            text += " One of: \(parameter.allowedValues.joined(separator: ", "))."
        }
        var notes: [String] = []
        if let bounds = parameter.bounds { notes.append(bounds) }
        if let value = parameter.defaultText { notes.append("default: \(value)") }
        if parameter.isRequired, parameter.kind != .positional { notes.append("required") }
        if !notes.isEmpty { text += " (\(notes.joined(separator: "; ")))" }
        return text
    }

    private func section(_ title: String, _ rows: [(label: String, detail: String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let limit = 30
        let column = (rows.map(\.label.count).filter { $0 <= limit }.max() ?? limit) + 4
        var text = "\n\(title)\n"
        for row in rows {
            let body = wrap(row.detail, indentation: column)
            if row.label.count <= limit {
                let padding = String(repeating: " ", count: column - 2 - row.label.count)
                text += "  \(row.label)\(padding)\(body.drop { $0 == " " })\n"
            } else {
                text += "  \(row.label)\n\(body)\n"
            }
        }
        return text
    }

    private func wrap(_ text: String, indentation: Int) -> String {
        let margin = String(repeating: " ", count: indentation)
        let space = max(width - indentation, 24)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > space {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        return lines.map { $0.isEmpty ? "" : margin + $0 }.joined(separator: "\n")
    }
}
