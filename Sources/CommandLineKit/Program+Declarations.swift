extension Program {
    /// Mistakes in the declarations themselves, which no command line should meet; empty when all is well.
    public func declarationProblems() -> [String] {
        declarations().flatMap { declaration -> [String] in
            let command = declaration.path.joined(separator: " ")
            var problems: [String] = []
            func complain(about names: [String], _ what: String) {
                for (name, count) in Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +).sorted(by: {
                    $0.key < $1.key
                })
                where count > 1 {
                    problems.append("'\(command)' declares \(what) '\(name)' \(count) times")
                }
            }
            complain(about: declaration.subcommands.map(\.name), "the command")
            complain(about: declaration.options.map(\.name) + ["help"], "the option")
            complain(
                about: declaration.options.compactMap { $0.short.map(String.init) } + ["h"],
                "the short option")
            let positionals = declaration.positionals
            if positionals.count(where: \.isRepeated) > 1 {
                problems.append("'\(command)' declares more than one repeated argument")
            }
            if let first = positionals.firstIndex(where: { !$0.isRequired }),
                positionals[first...].contains(where: \.isRequired)
            {
                problems.append("'\(command)' declares a required argument after an optional one")
            }
            return problems
        } + exclusiveProblems(commands, path: name)
    }

    private func exclusiveProblems(_ nodes: [CommandNode], path: String) -> [String] {
        nodes.flatMap { node -> [String] in
            var problems = exclusiveProblems(node.children, path: "\(path) \(node.name)")
            if let type = node.type, !type.mutuallyExclusive.isEmpty {
                let names = Set(ParameterCollector(type.init()).parameters.map(\.declaration.name))
                problems += type.mutuallyExclusive.joined().filter { !names.contains($0) }.map {
                    "'\(path) \(type.name)' excludes an option '\($0)' that it does not declare"
                }
            }
            return problems
        }
    }
}
