extension AttributeSchema {
    /// The 27 attributes of Market-1501 (Lin et al. 2019, "Improving person re-identification by attribute and identity
    /// learning"), under the names of its file. The file numbers classes from 1 on in the order given here.
    ///
    /// The 8 colours of upper-body and 9 of lower-body clothing stay binary, one head each, as in the file. Nobody has two of one
    /// part, but 147 of the 1,501 people have none above and 74 none below: one head of 8 or 9 classes would need another class for
    /// the rest.
    public static let market1501 = AttributeSchema(
        [
            Attribute(name: "age", classes: ["young", "teenager", "adult", "old"]),
            Attribute(name: "gender", classes: ["male", "female"]),
            Attribute(name: "hair", classes: ["short", "long"]),
            Attribute(name: "up", classes: ["long sleeve", "short sleeve"]),
            Attribute(name: "down", classes: ["long", "short"]),
            Attribute(name: "clothes", classes: ["dress", "pants"]),
            .binary("hat"), .binary("backpack"), .binary("bag"), .binary("handbag"),
        ] + colours("up", ["black", "white", "red", "purple", "yellow", "gray", "blue", "green"])
            + colours(
                "down", ["black", "white", "pink", "purple", "yellow", "gray", "blue", "green", "brown"]))

    /// The 23 attributes of DukeMTMC-reID (Lin et al. 2019); see `market1501`.
    public static let dukeMTMC = AttributeSchema(
        [
            Attribute(name: "gender", classes: ["male", "female"]),
            Attribute(name: "top", classes: ["short", "long"]),
            .binary("boots"), .binary("hat"), .binary("backpack"), .binary("bag"), .binary("handbag"),
            Attribute(name: "shoes", classes: ["dark", "light"]),
        ] + colours("up", ["black", "white", "red", "purple", "gray", "blue", "green", "brown"])
            + colours("down", ["black", "white", "red", "gray", "blue", "green", "brown"]))

    private static func colours(_ part: String, _ colours: [String]) -> [Attribute] {
        colours.map { .binary(part + $0) }
    }
}
