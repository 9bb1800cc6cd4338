import Foundation

extension NewGalleryEntry {
    /// How far from 1 the length of an embedding may be.
    static let lengthTolerance = 1e-3

    /// - Parameter position: among the given entries, for the message.
    /// - Throws: `GalleryError.invalidArgument`.
    func check(_ position: Int, dimension: Int) throws(GalleryError) {
        let name = "entry \(position) (\(path))"
        guard !path.isEmpty else { throw .invalidArgument("entry \(position) has no path") }
        guard sha256.utf8.count == 64, sha256.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit })
        else { throw .invalidArgument("\(name): '\(sha256)' is no SHA-256 (64 hexadecimal digits)") }
        if let identity, identity.isEmpty {
            throw .invalidArgument("\(name): the identity is empty; leave it out where nobody is known")
        }
        if let box, box.count != 4 || box[2] < 1 || box[3] < 1 {
            throw .invalidArgument("\(name): the box \(box) is not [x, y, width, height]")
        }
        for (what, date) in [("time", time), ("time of addition", addedAt)] {
            if let date, !(abs(date.timeIntervalSince1970) < 1e11) {
                throw .invalidArgument("\(name): the \(what) is none")
            }
        }
        if attributes.contains(where: { $0.key.isEmpty || $0.value.isEmpty }) {
            throw .invalidArgument("\(name): an attribute needs a name and a value")
        }
        try Self.check(embedding, of: name, dimension: dimension)
    }

    static func check(_ embedding: [Float], of name: String, dimension: Int) throws(GalleryError) {
        guard embedding.count == dimension else {
            throw .invalidArgument(
                "\(name): the embedding has \(embedding.count) values, the gallery's have \(dimension)")
        }
        let length = embedding.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length.isFinite else {
            throw .invalidArgument("\(name): the embedding holds a value that is no number")
        }
        guard abs(length - 1) <= lengthTolerance else {
            throw .invalidArgument("\(name): the embedding has length \(length); divide it by that")
        }
    }

    var boxText: String? { box.map { $0.map(String.init).joined(separator: ",") } }
}
