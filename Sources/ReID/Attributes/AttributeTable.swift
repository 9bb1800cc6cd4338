/// The attributes of people.
public struct AttributeTable: Sendable, Equatable {
    /// What `values` holds where nothing is known.
    public static let unknown = -1

    public let schema: AttributeSchema
    /// By person: the class of each attribute in the schema's order, or `unknown`.
    public let values: [Int: [Int]]

    /// - Throws: `ReIDError.invalidArgument` for a person whose classes are not as many as the schema's attributes, or out of range.
    public init(schema: AttributeSchema, values: [Int: [Int]]) throws(ReIDError) {
        for (person, classes) in values.sorted(by: { $0.key < $1.key }) {
            guard classes.count == schema.attributes.count else {
                throw .invalidArgument(
                    "person \(person) has \(classes.count) attributes, the schema has \(schema.attributes.count)"
                )
            }
            for (attribute, value) in zip(schema.attributes, classes)
            where value != Self.unknown && !attribute.classes.indices.contains(value) {
                throw .invalidArgument(
                    "person \(person): class \(value) of '\(attribute.name)', expected 0 to \(attribute.classes.count - 1), or \(Self.unknown) for unknown"
                )
            }
        }
        self.schema = schema
        self.values = values
    }

    /// The classes of a person; all unknown for one who is not in the table.
    public func classes(of person: Int) -> [Int] {
        values[person] ?? [Int](repeating: Self.unknown, count: schema.attributes.count)
    }

    /// How many of `people` have each class: [attribute][class]. People count once each, unknown values not at all.
    public func counts(of people: some Sequence<Int>) -> [[Int]] {
        var counts = schema.attributes.map { [Int](repeating: 0, count: $0.classes.count) }
        for person in Set(people) {
            for (attribute, value) in classes(of: person).enumerated() where value != Self.unknown {
                counts[attribute][value] += 1
            }
        }
        return counts
    }
}
