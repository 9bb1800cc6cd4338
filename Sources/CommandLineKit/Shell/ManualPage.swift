extension Program {
    /// The manual page of the program and all its commands, in roff's man macros: `man -l FILE` shows it.
    /// - Parameter notes: further sections, title and text.
    public func manual(notes: [(title: String, text: String)] = []) -> String {
        var text =
            ".TH \(Roff.quoted(name.uppercased())) 1 \"\" \(Roff.quoted("\(name) \(version)")) \"User Commands\"\n"
        text += ".SH NAME\n\(Roff.text(name)) \\- \(Roff.text(abstract))\n"
        text += ".SH SYNOPSIS\n.B \(Roff.text(name))\n.I COMMAND\n[\\fIOPTIONS\\fR]\n"
        text += ".SH COMMANDS\n"
        for command in declarations().dropFirst() {
            text += ".SS \(Roff.quoted(command.path.dropFirst().joined(separator: " ")))\n"
            text += "\(Roff.text(command.abstract))\n"
            guard command.isCommand else { continue }
            text += ".PP\n.nf\n\(Roff.text(HelpFormatter.usage(command)))\n.fi\n"
            for parameter in command.positionals + command.options {
                text += ".TP\n\(Self.label(parameter))\n\(Roff.text(HelpFormatter.detail(parameter)))\n"
            }
            for paragraph in command.discussion.split(separator: "\n") {
                text += ".PP\n\(Roff.text(String(paragraph)))\n"
            }
            for example in command.examples {
                text += ".PP\n.nf\n\\fB\(Roff.text(example.line))\\fR\n.fi\n\(Roff.text(example.purpose))\n"
            }
        }
        text += ".SH EXIT STATUS\n"
        for (status, meaning) in [
            (ExitStatus.success, "The work was done."), (ExitStatus.failure, "The work failed."),
            (ExitStatus.usage, "The command line was wrong."),
            (ExitStatus.cancelled, "Stopped by Ctrl-C or by a signal."),
        ] { text += ".TP\n.B \(status)\n\(Roff.text(meaning))\n" }
        for note in notes { text += ".SH \(Roff.quoted(note.title.uppercased()))\n\(Roff.text(note.text))\n" }
        return text
    }

    private static func label(_ parameter: ParameterDeclaration) -> String {
        guard parameter.kind != .positional else { return "\\fI\(Roff.text(parameter.name))\\fR" }
        let names = parameter.spellings.map { "\\fB\(Roff.text($0))\\fR" }.joined(separator: ", ")
        return parameter.takesValue ? "\(names) \\fI\(Roff.text(parameter.valueName))\\fR" : names
    }
}

/// Text as roff reads it.
private enum Roff {
    static func text(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'" where result.isEmpty: result += "\\&'"
            case "." where result.isEmpty: result += "\\&."
            default:
                if let value = character.unicodeScalars.first?.value, value > 0x7E {
                    for scalar in character.unicodeScalars {
                        let digits = String(scalar.value, radix: 16, uppercase: true)
                        result += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
                    }
                } else {
                    result.append(character)
                }
            }
        }
        return result
    }

    static func quoted(_ text: String) -> String { "\"\(self.text(text).replacing("\"", with: "\\(dq"))\"" }
}
