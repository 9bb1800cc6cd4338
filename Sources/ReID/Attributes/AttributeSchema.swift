/// Which attributes people have, and which classes each knows. The order is that of the heads that predict them.
public struct AttributeSchema: Codable, Sendable, Hashable {
    /// One attribute: exactly one class is true of a person.
    public struct Attribute: Codable, Sendable, Hashable {
        public var name: String
        /// At least two; class i of the head is the i-th.
        public var classes: [String]

        public init(name: String, classes: [String]) {
            self.name = name
            self.classes = classes
        }

        /// Absent (class 0) or present (class 1).
        public static func binary(_ name: String) -> Attribute {
            Attribute(name: name, classes: ["no", "yes"])
        }

        public var isBinary: Bool { classes.count == 2 }
    }

    public var attributes: [Attribute]

    public init(_ attributes: [Attribute]) { self.attributes = attributes }

    public func index(of name: String) -> Int? { attributes.firstIndex { $0.name == name } }
}
