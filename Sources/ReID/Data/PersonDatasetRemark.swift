/// Something about a data set that its user should know, and that does not keep it from being used.
public enum PersonDatasetRemark: Sendable, Equatable, CustomStringConvertible {
    /// Images of person -1 were left out, as the protocol wants.
    case junkDropped(PersonDatasetSplit, images: Int)
    /// Image files whose names do not say person and camera were left out.
    case unrecognisedNames(PersonDatasetSplit, files: Int, example: String, expected: String)
    /// Files that a list names do not exist, and were left out.
    case missingFiles(PersonDatasetSplit, files: Int, example: String)
    /// Training people with a single image: triplets need a second one.
    case singleImages(people: [Int])
    /// Query people whom no gallery image of another camera shows: their queries cannot be scored.
    case withoutMatch(people: [Int])
    /// People in train and in query or gallery.
    case sharedPeople([Int])
    /// People with images but without attributes; theirs are taken as unknown.
    case withoutAttributes(PersonDatasetSplit, people: [Int])
    /// People with attributes but without images.
    case withoutImages(people: [Int])
    /// Anything noticed in the attribute file.
    case attributeFile(path: String, reason: String)
    /// Cameras are not known: the protocol cannot leave out a query's own camera.
    case unknownCameras(images: Int)

    public var description: String {
        switch self {
        case .junkDropped(let split, let images):
            "\(split.rawValue): \(Self.count(images, "junk image")) (person -1) left out, as the protocol does"
        case .unrecognisedNames(let split, let files, let example, let expected):
            "\(split.rawValue): \(Self.count(files, "file")) left out whose names are not like \(expected), for example \(example)"
        case .missingFiles(let split, let files, let example):
            "\(split.rawValue): \(Self.count(files, "listed file")) missing, for example \(example)"
        case .singleImages(let people):
            "train: \(Self.people(people)) with a single image; the sampler repeats or skips them"
        case .withoutMatch(let people):
            "query: \(Self.people(people)) without a gallery image of another camera; their queries cannot be scored"
        case .sharedPeople(let people):
            "\(Self.people(people)) both in train and in query or gallery: results would be too good"
        case .withoutAttributes(let split, let people):
            "\(split.rawValue): \(Self.people(people)) without attributes, taken as unknown"
        case .withoutImages(let people):
            "\(Self.people(people)) with attributes but no image"
        case .attributeFile(let path, let reason): "\(path): \(reason)"
        case .unknownCameras(let images):
            "\(Self.count(images, "image")) without a camera: a query's own camera cannot be left out of its ranking"
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number.grouped) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func people(_ people: [Int]) -> String {
        let shown = people.prefix(5).map(String.init).joined(separator: ", ")
        return
            "\(people.count.grouped) \(people.count == 1 ? "person" : "people") (\(shown)\(people.count > 5 ? ", …" : ""))"
    }
}

extension Int {
    /// Digits in groups of three, as publications print numbers: 12,936.
    var grouped: String {
        var digits = String(magnitude)
        var at = digits.count - 3
        while at > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: at))
            at -= 3
        }
        return (self < 0 ? "-" : "") + digits
    }
}
