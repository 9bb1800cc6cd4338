/// Named texts of a query or a form, in the order given.
public struct FormItems: Equatable, Sendable {
    public struct Item: Equatable, Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var items: [Item]

    public init(_ items: [Item]) { self.items = items }

    /// Reads "a=1&b=2" (application/x-www-form-urlencoded).
    /// - Throws: `HTTPProblem` (400) for more than `maximumItems`, and what cannot be decoded.
    public init(encoded: some Collection<UInt8>, maximumItems: Int) throws(HTTPProblem) {
        var items: [Item] = []
        for part in encoded.split(separator: UInt8(ascii: "&")) {
            guard items.count < maximumItems else {
                throw .badRequest("the query holds more than \(maximumItems) values")
            }
            let sides = part.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            items.append(
                Item(
                    name: try PercentEncoding.decode(sides[0], plusIsSpace: true),
                    value: sides.count == 2 ? try PercentEncoding.decode(sides[1], plusIsSpace: true) : ""))
        }
        self.items = items
    }

    /// Adds the items of another place; a name may stand in one of them only.
    public func merging(_ other: FormItems) -> FormItems { FormItems(items + other.items) }

    /// The value of a name.
    /// - Throws: `HTTPProblem` (400) when it is given twice.
    public func value(_ name: String) throws(HTTPProblem) -> String? {
        let found = items.filter { $0.name == name }
        guard found.count <= 1 else { throw .badRequest("'\(name)' is given \(found.count) times") }
        return found.first?.value
    }

    /// - Throws: `HTTPProblem` (400) for a name that is none of these: a misspelt setting must not be ignored.
    public func allow(_ names: some Collection<String>) throws(HTTPProblem) {
        for item in items where !names.contains(item.name) {
            throw .badRequest(
                "unknown value '\(item.name.prefix(40))'; known are \(names.sorted().joined(separator: ", "))"
            )
        }
    }

    /// A whole number within bounds, or nil when the name is absent.
    public func integer(_ name: String, in bounds: ClosedRange<Int>) throws(HTTPProblem) -> Int? {
        guard let text = try value(name) else { return nil }
        guard let number = Int(text), bounds.contains(number) else {
            throw .badRequest(
                "'\(name)' must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    public func number(_ name: String, in bounds: ClosedRange<Double>) throws(HTTPProblem) -> Double? {
        guard let text = try value(name) else { return nil }
        guard let number = Double(text), bounds.contains(number) else {
            throw .badRequest("'\(name)' must be a number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    /// "true" or "false".
    public func flag(_ name: String) throws(HTTPProblem) -> Bool? {
        guard let text = try value(name) else { return nil }
        guard let flag = Bool(text) else { throw .badRequest("'\(name)' must be 'true' or 'false'") }
        return flag
    }

    public func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, of type: Choice.Type)
        throws(HTTPProblem) -> Choice? where Choice.RawValue == String
    {
        guard let text = try value(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw .badRequest(
                "'\(name)' must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}
