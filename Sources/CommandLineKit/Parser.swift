import Configuration

/// Reads a command's arguments into its parameters.
struct Parser {
    private let parameters: [Parameter]
    private let positionals: [Parameter]
    private var pending: [String] = []

    init(_ parameters: [Parameter]) {
        self.parameters = parameters
        positionals = parameters.filter { $0.declaration.kind == .positional }
    }

    /// Whether help is asked for anywhere before `--`, whatever else is wrong.
    static func asksForHelp(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
    }

    /// - Throws: `UsageError` for the first thing that is wrong.
    mutating func parse(_ arguments: [String], mutuallyExclusive: [[String]] = []) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                pending += rest
                break
            } else if argument.hasPrefix("--") {
                try takeLong(argument, &rest)
            } else if argument.count > 1, argument.hasPrefix("-"), !isNegativeNumber(argument) {
                try takeShort(argument, &rest)
            } else {
                pending.append(argument)
            }
        }
        try distribute()
        for parameter in parameters where parameter.declaration.isRequired && parameter.occurrences == 0 {
            throw UsageError("missing \(HelpFormatter.usageForm(parameter.declaration))")
        }
        for set in mutuallyExclusive {
            let given = parameters.filter {
                $0.declaration.kind != .positional && $0.occurrences > 0 && set.contains($0.declaration.name)
            }
            if given.count > 1 {
                let names = given.map(\.declaration.spelling)
                throw UsageError(
                    "\(names.dropLast().joined(separator: ", ")) and \(names[names.count - 1]) exclude each other"
                )
            }
        }
    }

    private mutating func takeLong(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        let body = argument.dropFirst(2)
        let name = String(body.prefix { $0 != "=" })
        let inline = name.count < body.count ? String(body.dropFirst(name.count + 1)) : nil
        for parameter in parameters {
            switch parameter.declaration.kind {
            case .positional: continue
            case .option where parameter.declaration.name == name:
                return try give(parameter, inline, spelled: "--\(name)", &rest)
            case .flag where parameter.declaration.name == name:
                return try raise(parameter, to: "true", inline, spelled: "--\(name)")
            case .flag(isInvertible: true) where "no-\(parameter.declaration.name)" == name:
                return try raise(parameter, to: "false", inline, spelled: "--\(name)")
            default: continue
            }
        }
        throw UsageError(
            "unknown option '--\(name)'" + Suggestion.phrase(for: name, in: longNames, prefix: "--"))
    }

    private func takeShort(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        var cluster = argument.dropFirst()
        while let letter = cluster.popFirst() {
            guard let parameter = parameters.first(where: { $0.declaration.short == letter }) else {
                // A long name after a single dash is the commonest slip.
                let long = String(argument.dropFirst().prefix { $0 != "=" })
                let suggestion =
                    long.count > 1 ? Suggestion.phrase(for: long, in: longNames, prefix: "--") : ""
                throw UsageError(
                    "unknown option '\(suggestion.isEmpty ? "-\(letter)" : "-\(long)")'" + suggestion)
            }
            guard parameter.declaration.kind == .option else {
                guard cluster.first != "=" else {
                    throw UsageError("option '-\(letter)' takes no value, found '\(cluster.dropFirst())'")
                }
                try accept("true", for: parameter, spelled: "-\(letter)")
                continue
            }
            if cluster.first == "=" { cluster = cluster.dropFirst() }
            return try give(parameter, cluster.isEmpty ? nil : String(cluster), spelled: "-\(letter)", &rest)
        }
    }

    private func give(
        _ parameter: Parameter, _ inline: String?, spelled: String, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        if let inline { return try accept(inline, for: parameter, spelled: spelled) }
        guard let next = rest.first, !looksLikeOption(next) else {
            throw UsageError(
                "option '\(spelled)' needs a value: \(spelled) \(parameter.declaration.valueName)")
        }
        rest.removeFirst()
        try accept(next, for: parameter, spelled: spelled)
    }

    private func raise(_ parameter: Parameter, to text: String, _ inline: String?, spelled: String)
        throws(UsageError)
    {
        if let inline { throw UsageError("option '\(spelled)' takes no value, found '\(inline)'") }
        try accept(text, for: parameter, spelled: spelled)
    }

    private func accept(_ text: String, for parameter: Parameter, spelled: String) throws(UsageError) {
        do {
            try parameter.accept(text)
        } catch {
            throw UsageError("\(spelled): '\(text)' \(error.message)")
        }
    }

    /// Hands the positional arguments out in order; a repeated one leaves enough for those after it.
    private mutating func distribute() throws(UsageError) {
        for (index, parameter) in positionals.enumerated() {
            guard parameter.declaration.isRepeated else {
                if !pending.isEmpty {
                    try accept(pending.removeFirst(), for: parameter, spelled: parameter.declaration.name)
                }
                continue
            }
            let later = positionals[(index + 1)...].count { $0.declaration.isRequired }
            while pending.count > later {
                try accept(pending.removeFirst(), for: parameter, spelled: parameter.declaration.name)
            }
        }
        if let surplus = pending.first { throw UsageError("unexpected argument '\(surplus)'") }
    }

    private var longNames: [String] {
        var names = ["help"]
        for parameter in parameters where parameter.declaration.kind != .positional {
            names.append(parameter.declaration.name)
            if parameter.declaration.kind == .flag(isInvertible: true) {
                names.append("no-\(parameter.declaration.name)")
            }
        }
        return names
    }

    private func isNegativeNumber(_ argument: String) -> Bool {
        guard let digit = argument.dropFirst().first, digit.isNumber || digit == ".", Double(argument) != nil
        else { return false }
        return !parameters.contains { $0.declaration.short == digit }
    }

    private func looksLikeOption(_ argument: String) -> Bool {
        argument.count > 1 && argument.hasPrefix("-") && !isNegativeNumber(argument)
    }
}
