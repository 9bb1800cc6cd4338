/// Finds a command's declared parameters by reflection, in the order of their declaration.
struct ParameterCollector {
    private(set) var parameters: [Parameter] = []
    private(set) var groups: [any OptionGroup] = []

    init(_ command: any Command) { collect(command, section: "") }

    private mutating func collect(_ owner: Any, section: String) {
        for child in Mirror(reflecting: owner).children {
            switch child.value {
            case let holder as any ParameterHolder:
                let parameter = holder.parameter
                if parameter.declaration.name.isEmpty {
                    let words = Self.words(of: child.label ?? "")
                    parameter.declaration.name =
                        parameter.declaration.kind == .positional
                        ? words.joined(separator: "-").uppercased() : words.joined(separator: "-")
                }
                parameter.declaration.section = section
                parameters.append(parameter)
            case let group as any OptionGroup:
                groups.append(group)
                collect(group, section: type(of: group).title)
            default: break
            }
        }
    }

    /// "_maskShare" -> ["mask", "share"]; a wrapper's storage begins with an underscore.
    private static func words(of label: String) -> [String] {
        var words = [""]
        for character in label where character != "_" {
            if character.isUppercase { words.append("") }
            words[words.count - 1] += character.lowercased()
        }
        return words.filter { !$0.isEmpty }
    }
}
