import Foundation
import Imaging
import ReID
import Testing

@Suite("Market-1501") struct MarketTests {
    @Test("person and camera come from the name, in sorted order") func names() throws {
        let tree = try GeneratedTree.boxes(
            train: [
                "1488_c6s3_094992_00.jpg.jpg", "0002_c1s1_000451_03.jpg", "0002_c1s1_000376_03.jpg",
                "Thumbs.db", "._0002_c1s1_000451_03.jpg",
            ])
        let data = try PersonDataset.load(.market1501, root: tree.root)
        #expect(
            data.train == [
                PersonImage(
                    path: tree.path("bounding_box_train/0002_c1s1_000376_03.jpg"), person: 2, camera: 0),
                PersonImage(
                    path: tree.path("bounding_box_train/0002_c1s1_000451_03.jpg"), person: 2, camera: 0),
                PersonImage(
                    path: tree.path("bounding_box_train/1488_c6s3_094992_00.jpg.jpg"), person: 1488,
                    camera: 5),
            ])
        #expect(data.trainPeople == [2, 1488])
        #expect(data.trainLabels == [0, 0, 1])
        #expect(data.remarks == [.singleImages(people: [1488])])
        #expect(data.name == "Market-1501")
    }

    @Test("junk goes, distractors stay") func junk() throws {
        let tree = try GeneratedTree.boxes(
            gallery: [
                "-1_c1s1_000401_03.jpg", "-1_c2s1_000401_04.jpg", "0000_c1s1_000151_01.jpg",
                "0001_c2s1_000301_00.jpg", "0003_c1s1_000301_00.jpg",
            ])
        let data = try PersonDataset.load(.market1501, root: tree.root)
        #expect(data.gallery.map(\.person) == [0, 1, 3])
        #expect(data.remarks.contains(.junkDropped(.gallery, images: 2)))
    }

    @Test("names that do not fit are left out and counted") func strangers() throws {
        let tree = try GeneratedTree.boxes(
            train: [
                "0002_c1s1_000451_03.jpg", "holiday.jpg", "0007_s1_1.jpg", "0008_c0s1_1.jpg", "-2_c1s1_1.jpg",
            ])
        let data = try PersonDataset.load(.market1501, root: tree.root)
        #expect(data.train.map(\.person) == [2])
        let remark = try #require(
            data.remarks.first {
                if case .unrecognisedNames(.train, 4, "-2_c1s1_1.jpg", _) = $0 { true } else { false }
            })
        #expect("\(remark)".hasPrefix("train: 4 files left out whose names are not like 0002_c1"))
    }

    @Test("queries whose person no other camera shows are remarked on") func unmatched() throws {
        let tree = try GeneratedTree.boxes(
            query: ["0001_c1s1_001051_00.jpg", "0003_c4s3_064572_00.jpg", "0009_c4s3_064572_00.jpg"])
        let data = try PersonDataset.load(.market1501, root: tree.root)
        #expect(data.remarks.contains(.withoutMatch(people: [3, 9])))
    }

    @Test("people in train and test are remarked on") func shared() throws {
        let tree = try GeneratedTree.boxes(train: ["0001_c3s1_1.jpg", "0001_c4s1_1.jpg"])
        #expect(try PersonDataset.load(.market1501, root: tree.root).remarks == [.sharedPeople([1])])
    }

    @Test("a missing folder is named") func missingFolder() throws {
        let tree = try GeneratedTree.boxes()
        try FileManager.default.removeItem(atPath: tree.path("query"))
        #expect(
            throws: ReIDError.data(
                path: tree.path("query"),
                reason: "no such folder; Market-1501 has bounding_box_train, query, bounding_box_test")
        ) { try PersonDataset.load(.market1501, root: tree.root) }
        #expect(
            throws: ReIDError.data(
                path: tree.path("nowhere"), reason: "no such folder; expected the root of Market-1501")
        ) { try PersonDataset.load(.market1501, root: tree.path("nowhere")) }
    }

    @Test("a root one level too high is met with where to look") func deeper() throws {
        let tree = try GeneratedTree()
        try tree.images("Market-1501-v15.09.15/bounding_box_train/0002_c1s1_1.jpg")
        #expect {
            try PersonDataset.load(.market1501, root: tree.root)
        } throws: {
            "\($0)".hasSuffix("; \(tree.path("Market-1501-v15.09.15")) has it, give that as the root")
        }
    }

    @Test("an empty part is an error") func emptySplit() throws {
        let tree = try GeneratedTree.boxes(query: [])
        #expect(
            throws: ReIDError.data(
                path: tree.path("query"),
                reason: "holds no images; expected JPEG files like 0002_c1….jpg (person, camera)")
        ) { try PersonDataset.load(.market1501, root: tree.root) }
    }

    @Test("a part of other names is an error that shows one") func otherNames() throws {
        let tree = try GeneratedTree.boxes(query: ["anna.jpg", "bert.jpg"])
        #expect {
            try PersonDataset.load(.market1501, root: tree.root)
        } throws: {
            "\($0)".contains("none of 2 images has a name like 0002_c1") && "\($0)".contains("anna.jpg")
        }
    }

    @Test("a part of junk alone is an error") func onlyJunk() throws {
        let tree = try GeneratedTree.boxes(query: ["-1_c1s1_1.jpg"])
        #expect(
            throws: ReIDError.data(
                path: tree.path("query"), reason: "holds nothing but 1 junk images (person -1)")
        ) { try PersonDataset.load(.market1501, root: tree.root) }
    }

    @Test("a damaged JPEG is an error that names it when it is read") func damaged() throws {
        let tree = try GeneratedTree.boxes()
        let whole = try Data(contentsOf: URL(fileURLWithPath: tree.path("query/0001_c1s1_001051_00.jpg")))
        try tree.file("query/0001_c1s1_001051_00.jpg", whole.prefix(whole.count / 2))
        let data = try PersonDataset.load(.market1501, root: tree.root)
        #expect {
            _ = try data.query[0].read(height: 16, width: 8)
        } throws: { "\($0)".hasPrefix(tree.path("query/0001_c1s1_001051_00.jpg")) && $0 is ImagingError }
        #expect {
            _ = try PersonAugmentation().field(data.query[0], height: 16, width: 8, seed: 1)
        } throws: { "\($0)".hasPrefix(tree.path("query/0001_c1s1_001051_00.jpg")) }
        #expect(try data.query[1].read(height: 12, width: 6).pixels.count == 12 * 6 * 3)
    }
}
