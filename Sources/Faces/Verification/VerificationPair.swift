/// Two photos and whether they show one person.
public struct VerificationPair: Sendable, Equatable {
    /// A photo of a data set in the layout of Labeled Faces in the Wild: `NAME/NAME_0001.jpg`.
    public struct Photo: Sendable, Hashable {
        public let person: String
        /// From 1.
        public let number: Int

        public init(person: String, number: Int) {
            self.person = person
            self.number = number
        }

        /// Path inside the data set, without the extension.
        public var stem: String {
            let digits = String(number)
            return "\(person)/\(person)_\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)"
        }
    }

    public let first: Photo
    public let second: Photo
    /// From 0.
    public let fold: Int

    public init(_ first: Photo, _ second: Photo, fold: Int) {
        self.first = first
        self.second = second
        self.fold = fold
    }

    public var isSame: Bool { first.person == second.person }
}
