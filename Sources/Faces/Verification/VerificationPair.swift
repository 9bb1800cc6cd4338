/// Two photos and whether they show one person.
public struct VerificationPair: Sendable, Equatable {
    /// A photo of a data set.
    public struct Photo: Sendable, Hashable {
        /// Who it shows; nil where the list does not tell.
        public let person: String?
        /// Path inside the data set, with or without the extension; in a packed file the image's number, from 0.
        public let stem: String

        public init(stem: String, person: String? = nil) {
            self.stem = stem
            self.person = person
        }

        /// A photo in the layout of Labeled Faces in the Wild: `NAME/NAME_0001.jpg`.
        /// - Parameter number: from 1.
        public init(person: String, number: Int) {
            let digits = String(number)
            self.init(
                stem:
                    "\(person)/\(person)_\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)",
                person: person)
        }
    }

    public let first: Photo
    public let second: Photo
    public let isSame: Bool
    /// From 0.
    public let fold: Int

    public init(_ first: Photo, _ second: Photo, isSame: Bool, fold: Int) {
        self.first = first
        self.second = second
        self.isSame = isSame
        self.fold = fold
    }

    /// Photos whose persons are known.
    public init(_ first: Photo, _ second: Photo, fold: Int) {
        self.init(first, second, isSame: first.person == second.person, fold: fold)
    }
}
