extension AttributeSchema {
    /// The heads that predict these attributes.
    public var heads: [AttributeHeads.Head] {
        attributes.map { AttributeHeads.Head(name: $0.name, classes: $0.classes.count) }
    }
}
