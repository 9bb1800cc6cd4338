import Foundation
import Imaging
import ReID
import Testing

@Suite struct LabelledFolderTests {
    private func withFiles(_ files: [String], _ body: (String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "labels-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for file in files {
            let url = URL(filePath: "\(root)/\(file)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data([1]).write(to: url)
        }
        try body(root)
    }

    @Test func namesSayPersonAndCamera() throws {
        let files = [
            "0002_c1s1_000451_03.jpg", "0000_c6s1_1.jpg", "-1_c2s1_1.jpg", "holiday.png",
            "deep/0007_c3_f1.jpg",
        ]
        try withFiles(files) { root in
            let folder = try LabelledFolder(root)
            #expect(folder.layout == nil)
            #expect(
                folder.images == [
                    LabelledImage(path: "\(root)/0000_c6s1_1.jpg", person: 0, camera: 6),
                    LabelledImage(
                        path: "\(root)/0002_c1s1_000451_03.jpg", identity: "0002", person: 2, camera: 1),
                    LabelledImage(
                        path: "\(root)/deep/0007_c3_f1.jpg", identity: "0007", person: 7, camera: 3),
                    LabelledImage(path: "\(root)/holiday.png"),
                ])
            #expect(folder.remarks == [.junkDropped(.gallery, images: 1)])
            #expect(throws: ReIDError.self) { try LabelledFolder(root, split: .query) }
        }
    }

    @Test func foldersSayPersonAndNamesTheCamera() throws {
        try withFiles(["anna/c2_a.jpg", "anna/b.jpg", "bela/c.jpg"]) { root in
            let folder = try LabelledFolder(root)
            #expect(folder.layout == .folder)
            #expect(folder.images.map(\.identity) == ["anna", "anna", "bela"])
            #expect(folder.images.map(\.camera) == [nil, 2, nil])
        }
    }

    @Test func noImageIsLostInATreeOfAnotherKind() throws {
        try withFiles(["trip/day1/a.jpg", "anna/b.jpg"]) { root in
            let folder = try LabelledFolder(root)
            #expect(folder.layout == nil)
            #expect(
                folder.images.map(\.path).sorted() == ["\(root)/anna/b.jpg", "\(root)/trip/day1/a.jpg"])
            #expect(folder.images.allSatisfy { $0.identity == nil })
        }
        try withFiles(["notes.txt"]) { root in
            let folder = try LabelledFolder(root)
            #expect(folder.images.isEmpty)
        }
    }

    @Test func dataSetsGiveTheirGalleryOrAPart() throws {
        let files = [
            "bounding_box_train/0001_c1s1_1.jpg", "bounding_box_train/0001_c2s1_1.jpg",
            "query/0005_c1s1_1.jpg", "bounding_box_test/0005_c2s1_1.jpg", "bounding_box_test/0000_c2s1_1.jpg",
            "bounding_box_test/-1_c2s1_1.jpg",
        ]
        try withFiles(files) { root in
            let gallery = try LabelledFolder(root)
            #expect(gallery.layout == .market1501)
            #expect(gallery.images.map(\.identity) == [nil, "0005"])
            #expect(gallery.images.map(\.person) == [0, 5])
            #expect(gallery.remarks == [.junkDropped(.gallery, images: 1)])
            #expect(try LabelledFolder(root, split: .train).images.map(\.camera) == [1, 2])
        }
    }

    @Test func testPeopleOfMSMT17AreNotItsTrainingPeople() throws {
        let name = "0000/0000_001_04_0303morning_0015_0.jpg"
        try withFiles(["train/\(name)", "test/\(name)"]) { root in
            for list in ["train", "val", "query", "gallery"] {
                try Data("\(name) 0\n".utf8).write(to: URL(filePath: "\(root)/list_\(list).txt"))
            }
            #expect(try LabelledFolder(root).images.map(\.identity) == ["0000"])
            #expect(
                try LabelledFolder(root, split: .train).images.map(\.identity) == [
                    "train/0000", "train/0000",
                ])
        }
    }

    @Test func attributesAreNamed() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("person,hat,age\n1,no,young\n2,?,old\n".utf8).write(to: URL(filePath: path))
        let table = try AttributeTable.read(path)
        #expect(table.named(1) == ["hat": "no", "age": "young"])
        #expect(table.named(2) == ["age": "old"])
        #expect(table.named(9) == [:])
    }
}
