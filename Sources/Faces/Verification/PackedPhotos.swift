import Foundation
import Imaging

/// The photos of an InsightFace `.bin` file (lfw.bin, cfp_fp.bin, agedb_30.bin, …): a Python pickle of a list of encoded images, two for
/// each pair, and a list of booleans. The images are ArcFace's 112-pixel crops.
///
/// Only the opcodes that build such lists are understood; nothing is ever imported or called. Pairs are in ten folds of one length in
/// their order, as InsightFace's evaluation cuts them.
public final class PackedPhotos: PhotoSource {
    public let list: VerificationPairs
    private let path: String
    private let data: Data
    private let images: [Range<Int>]

    /// - Throws: `FacesError.invalidArgument` naming the file and what is wrong with it.
    public init(contentsOf path: String) throws(FacesError) {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) } catch {
            throw .invalidArgument("\(path): cannot be read: \(error.localizedDescription)")
        }
        let value: PickleValue
        do throws(PickleError) { value = try PickleReader.read(data) } catch {
            throw .invalidArgument("\(path): \(error.reason)")
        }
        guard let parts = value.elements, parts.count == 2, let bins = parts[0].elements,
            let flags = parts[1].elements
        else {
            throw .invalidArgument(
                "\(path): holds \(value.kind); expected a pair of lists: encoded images, and whether each two show one person"
            )
        }
        var images: [Range<Int>] = []
        for (index, bin) in bins.enumerated() {
            guard case .bytes(let range) = bin else {
                throw .invalidArgument("\(path): image \(index) is \(bin.kind), expected bytes")
            }
            images.append(range)
        }
        var same: [Bool] = []
        for (index, flag) in flags.enumerated() {
            switch flag {
            case .boolean(let value): same.append(value)
            case .integer(let value) where value == 0 || value == 1: same.append(value == 1)
            default:
                throw .invalidArgument(
                    "\(path): entry \(index) of the pairs is \(flag.kind), expected a boolean")
            }
        }
        guard !same.isEmpty, images.count == 2 * same.count else {
            throw .invalidArgument(
                "\(path): \(images.count) images for \(same.count) pairs, expected two images for each pair")
        }
        self.path = path
        self.data = data
        self.images = images
        list = VerificationPairs(
            same.indices.map {
                VerificationPair(
                    .init(stem: "\(2 * $0)"), .init(stem: "\(2 * $0 + 1)"), isSame: same[$0],
                    fold: $0 * VerificationPairs.defaultFolds / same.count)
            })
    }

    public func locate(_ photos: [VerificationPair.Photo]) throws {
        for photo in photos { _ = try range(photo) }
    }

    public func image(_ photo: VerificationPair.Photo) throws -> Image {
        let range = try range(photo)
        let start = data.startIndex
        return try Image.decode(
            [UInt8](data[(start + range.lowerBound)..<(start + range.upperBound)]), name: name(photo)
        ).rgb()
    }

    public func name(_ photo: VerificationPair.Photo) -> String { "\(path), image \(photo.stem)" }

    public func fingerprint(_ photo: VerificationPair.Photo) -> String {
        let range = (try? range(photo)) ?? 0..<0
        let start = data.startIndex
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in data[(start + range.lowerBound)..<(start + range.upperBound)] {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return "\(URL(fileURLWithPath: path).lastPathComponent) \(photo.stem) \(String(hash, radix: 16))"
    }

    private func range(_ photo: VerificationPair.Photo) throws(FacesError) -> Range<Int> {
        guard let index = Int(photo.stem), images.indices.contains(index) else {
            throw .invalidArgument("\(path): has no image '\(photo.stem)', only 0 to \(images.count - 1)")
        }
        return images[index]
    }
}
