import Foundation

/// A configuration: a structure of values that all have defaults, read from a JSON5 file.
///
/// The synthesised `Codable` is all that is needed; optional members and nested structures work. A file gives
/// the members that differ from `init()`. A member that is a structure is merged; a list, a dictionary or an
/// enumeration with payload is replaced whole.
///
/// ```swift
/// struct ReIDTraining: Configurable {
///     var epochs = 60
///     var optimiser = Optimiser()
/// }
/// let configuration = try ReIDTraining.load(file: "Configs/reid.json5", overrides: ["optimiser.rate=3e-4"])
/// try configuration.write(to: "runs/1/config.json")
/// ```
public protocol Configurable: Codable, Sendable {
    /// The defaults.
    init()

    /// Throws when members contradict each other or are out of range; called after reading.
    func validate() throws(ConfigurationError)
}

extension Configurable {
    public func validate() throws(ConfigurationError) {}

    /// Reads a JSON5 file, if one is given, then applies overrides.
    /// - Parameters:
    ///   - file: path of a JSON5 file (comments, trailing commas and bare keys allowed); nil for the defaults.
    ///   - overrides: `path.to.key=value` each, as given to `--set`; list elements by number.
    /// - Throws: `ConfigurationError` for an unreadable file, text that is not JSON5, unknown keys (with the
    ///   nearest known one), values of a wrong type, and whatever `validate()` refuses.
    public static func load(file: String? = nil, overrides: [String] = []) throws(ConfigurationError) -> Self
    {
        guard let file else { return try read(nil, name: "the defaults", overrides: overrides) }
        guard let data = FileManager.default.contents(atPath: file) else {
            let exists = FileManager.default.fileExists(atPath: file)
            throw ConfigurationError(
                "configuration \(file) "
                    + (exists ? "cannot be read; check its permissions" : "does not exist"))
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw ConfigurationError("configuration \(file) is not UTF-8 text")
        }
        return try read(text, name: "configuration \(file)", overrides: overrides)
    }

    /// Reads JSON5 text, then applies overrides; see `load(file:overrides:)`.
    /// - Parameter name: what error messages call the text.
    public static func load(
        json5 text: String, name: String = "configuration", overrides: [String] = []
    ) throws(ConfigurationError) -> Self {
        try read(text, name: name, overrides: overrides)
    }

    private static func read(_ text: String?, name: String, overrides: [String]) throws(ConfigurationError)
        -> Self
    {
        var tree = try tree(of: Self())
        if let text {
            let overlay = try JSONTree(parsing: text, name: name)
            guard case .object = overlay else {
                throw ConfigurationError("\(name) must hold one object, found \(overlay.kind)")
            }
            tree = tree.merging(overlay)
            // Also before the overrides: their own complaints should not hide what the file got wrong.
            _ = try decode(tree, name: name)
        }
        for override in overrides {
            guard let split = override.firstIndex(of: "="), split != override.startIndex else {
                throw ConfigurationError("--set \(override): write path.to.key=value")
            }
            let path = override[..<split].split(separator: ".", omittingEmptySubsequences: false).map(
                String.init)
            try tree.set(path, to: String(override[override.index(after: split)...]), whole: override)
        }
        let value = try decode(tree, name: overrides.isEmpty ? name : "\(name) with --set")
        try value.validate()
        return value
    }

    private static func decode(_ tree: JSONTree, name: String) throws(ConfigurationError) -> Self {
        let value: Self
        do throws(ConfigurationError) {
            value = try tree.decode(Self.self, name: name)
        } catch {
            // A misspelt key is often the reason for the failure, and the better message.
            guard let unknown = tree.firstUnknown(in: try self.tree(of: Self())), unknown.isInStructure else {
                throw error
            }
            throw unknownKey(unknown, name: name)
        }
        if let unknown = tree.firstUnknown(in: try self.tree(of: value)) {
            throw unknownKey(unknown, name: name)
        }
        return value
    }

    private static func unknownKey(
        _ unknown: JSONTree.UnknownKey, name: String
    ) -> ConfigurationError {
        let known =
            unknown.candidates.isEmpty ? "" : " (known here: \(unknown.candidates.joined(separator: ", ")))"
        return ConfigurationError(
            "\(name): unknown key '\(unknown.path)'"
                + Suggestion.phrase(for: unknown.key, in: unknown.candidates) + known)
    }

    private static func tree(of value: Self) throws(ConfigurationError) -> JSONTree {
        do {
            return try TreeEncoder.encode(value)
        } catch {
            throw ConfigurationError("\(Self.self) cannot be encoded: \(error)")
        }
    }
}

extension Configurable {
    /// The effective configuration as JSON, every key present, in declared order.
    public func json() throws(ConfigurationError) -> String {
        try Self.tree(of: self).text() + "\n"
    }

    /// Writes the effective configuration, so that a result carries what made it.
    /// - Throws: `ConfigurationError` naming the path when it cannot be written; an older file is then untouched.
    public func write(to path: String) throws(ConfigurationError) {
        let data = Data(try json().utf8)
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ConfigurationError("cannot write \(path): \(error.localizedDescription)")
        }
    }

    /// One line per value that differs from the defaults: `optimiser.rate: 0.001 -> 0.0003`.
    public func changes() throws(ConfigurationError) -> [String] {
        let defaults = Dictionary(
            try Self.tree(of: Self()).leaves().map { ($0.path, $0.value) },
            uniquingKeysWith: { first, _ in first })
        return try Self.tree(of: self).leaves().compactMap { leaf in
            guard defaults[leaf.path] != leaf.value else { return nil }
            return
                "\(leaf.path): \(defaults[leaf.path].map { $0.text() } ?? "absent") -> \(leaf.value.text())"
        }
    }
}
