/// An image of a folder with what is said of it, in the words that people use: for galleries.
public struct LabelledImage: Sendable, Equatable {
    public var path: String
    /// Who is shown, as written: "0002", "anna". Nil where nobody is named, and for distractors.
    public var identity: String?
    /// The number by which a file of attributes knows the person.
    public var person: Int?
    /// As names number it: `c1` is 1. Nil where it is not known.
    public var camera: Int?

    public init(path: String, identity: String? = nil, person: Int? = nil, camera: Int? = nil) {
        self.path = path
        self.identity = identity
        self.person = person
        self.camera = camera
    }

    /// An image of which only the file's name is known: `0002_c1….jpg` says person and camera, other names nothing.
    /// - Returns: nil for junk (person -1).
    public init?(fileNamedByPersonAndCamera path: String) {
        let name = Self.name(path)
        guard let (person, camera) = PersonFileName.personAndCamera(String(name)) else {
            self.init(path: path)
            return
        }
        guard person >= 0 else { return nil }
        // Person 0000 marks distractors in names of this kind.
        self.init(
            path: path, identity: person == 0 ? nil : Self.person(name), person: person, camera: camera + 1)
    }

    private static func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }

    private static func person(_ name: Substring) -> String { String(name.prefix { $0 != "_" }) }

    /// The person's folder.
    private static func folder(_ path: String) -> String {
        path.split(separator: "/").dropLast().last.map(String.init) ?? ""
    }

    init(_ image: PersonImage, _ split: PersonDatasetSplit, of layout: PersonDatasetLayout) {
        let identity: String? =
            switch layout {
            case .market1501: image.person == 0 ? nil : Self.person(Self.name(image.path))
            case .dukeMTMC, .cuhk03NP: Self.person(Self.name(image.path))
            // MSMT17 numbers its test people anew.
            case .msmt17: (split == .train ? "train/" : "") + Self.folder(image.path)
            case .folder: Self.folder(image.path)
            }
        self.init(
            path: image.path, identity: identity, person: image.person,
            camera: image.camera == PersonImage.unknownCamera ? nil : image.camera + 1)
    }
}
