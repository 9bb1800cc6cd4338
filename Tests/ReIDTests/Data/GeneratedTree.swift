import Foundation
import Imaging

/// A folder of generated files that goes away with its owner.
final class GeneratedTree {
    let root: String

    init() throws {
        root =
            FileManager.default.temporaryDirectory.appendingPathComponent(
                "semblance-\(UUID().uuidString)"
            ).path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    func folder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }

    /// Writes a file, with the folders above it.
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        let url = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func text(_ name: String, _ text: String) throws { try file(name, text.utf8) }

    /// Small JPEGs of one colour.
    func images(_ names: String...) throws {
        let bytes = try Image(width: 8, height: 16, channels: 3, fill: 90).encodeJPEG()
        for name in names { try file(name, bytes) }
    }

    /// A tree of the layout that Market-1501 began.
    static func boxes(
        train: [String] = ["0002_c1s1_000451_03.jpg", "0002_c2s1_000801_01.jpg", "0007_c1s6_028546_01.jpg"],
        query: [String] = ["0001_c1s1_001051_00.jpg", "0003_c2s3_064572_00.jpg"],
        gallery: [String] = [
            "0001_c2s1_000301_00.jpg", "0003_c4s6_015641_00.jpg", "0000_c1s1_000151_01.jpg",
        ]
    ) throws -> GeneratedTree {
        let tree = try GeneratedTree()
        for (folder, names) in [
            ("bounding_box_train", train), ("query", query), ("bounding_box_test", gallery),
        ] {
            try tree.folder(folder)
            for name in names { try tree.images("\(folder)/\(name)") }
        }
        return tree
    }
}
