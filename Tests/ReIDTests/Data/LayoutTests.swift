import Foundation
import ReID
import Testing

@Suite("Layouts of data sets") struct LayoutTests {
    private func short(_ images: [PersonImage], _ tree: GeneratedTree) -> [String] {
        images.map { "\($0.path.dropFirst(tree.root.count + 1)) \($0.person) \($0.camera)" }
    }

    @Test("DukeMTMC-reID") func duke() throws {
        let tree = try GeneratedTree.boxes(
            train: ["0001_c2_f0046182.jpg", "0001_c8_f0046302.jpg"], query: ["0005_c2_f0046985.jpg"],
            gallery: ["0005_c5_f0051781.jpg", "7139_c2_f0160815.jpg"])
        #expect(try PersonDatasetLayout.guess(root: tree.root) == .dukeMTMC)
        let data = try PersonDataset.load(.dukeMTMC, root: tree.root)
        #expect(data.train.map(\.camera) == [1, 7])
        #expect(data.gallery.map(\.person) == [5, 7139])
        #expect(data.remarks.isEmpty)
    }

    @Test("CUHK03-NP", arguments: PersonDatasetLayout.CUHK03Boxes.allCases)
    func cuhk03(boxes: PersonDatasetLayout.CUHK03Boxes) throws {
        let tree = try GeneratedTree()
        for folder in ["detected", "labeled"] {
            try tree.images(
                "\(folder)/bounding_box_train/0003_c1_1.png", "\(folder)/bounding_box_train/0003_c2_6.png",
                "\(folder)/query/0001_c1_1.png", "\(folder)/bounding_box_test/0001_c2_6.png")
        }
        try tree.images("labeled/bounding_box_test/0002_c2_6.png")
        #expect(try PersonDatasetLayout.guess(root: tree.root) == .cuhk03NP(.detected))
        #expect(
            try PersonDatasetLayout.guess(root: tree.path(boxes.rawValue)) == .cuhk03NP(boxes))
        // The root, or the folder of the boxes itself.
        for root in [tree.root, tree.path(boxes.rawValue)] {
            let data = try PersonDataset.load(.cuhk03NP(boxes), root: root)
            #expect(
                short(data.train, tree) == [
                    "\(boxes.rawValue)/bounding_box_train/0003_c1_1.png 3 0",
                    "\(boxes.rawValue)/bounding_box_train/0003_c2_6.png 3 1",
                ])
            #expect(data.gallery.count == (boxes == .labeled ? 2 : 1))
        }
    }

    /// MSMT17 of two training people and one test person, whose number is that of a training person.
    private func msmt(_ train: String, _ test: String) throws -> GeneratedTree {
        let tree = try GeneratedTree()
        try tree.images(
            "\(train)/0000/0000_000_01_0303morning_0015_0.jpg",
            "\(train)/0000/0000_001_15_0303noon_0007_1_ex.jpg",
            "\(train)/0001/0001_000_02_0303morning_0015_0.jpg",
            "\(train)/0001/0001_001_02_0303morning_0016_0.jpg",
            "\(test)/0000/0000_000_05_0303morning_0015_0.jpg", "\(test)/0000/0000_001_06_0303noon_0015_0.jpg")
        try tree.text(
            "list_train.txt",
            "0001/0001_000_02_0303morning_0015_0.jpg 1\n0000/0000_000_01_0303morning_0015_0.jpg 0\n0000/0000_001_15_0303noon_0007_1_ex.jpg 0\n"
        )
        try tree.text("list_val.txt", "0001/0001_001_02_0303morning_0016_0.jpg 1\n")
        try tree.text("list_query.txt", "0000/0000_000_05_0303morning_0015_0.jpg 0\n")
        try tree.text("list_gallery.txt", "0000/0000_001_06_0303noon_0015_0.jpg 0\n")
        return tree
    }

    @Test("MSMT17, both versions", arguments: [("train", "test"), ("mask_train_v2", "mask_test_v2")])
    func msmt17(train: String, test: String) throws {
        let tree = try msmt(train, test)
        #expect(try PersonDatasetLayout.guess(root: tree.root) == .msmt17)
        let data = try PersonDataset.load(.msmt17, root: tree.root)
        #expect(
            short(data.train, tree) == [
                "\(train)/0000/0000_000_01_0303morning_0015_0.jpg 0 0",
                "\(train)/0000/0000_001_15_0303noon_0007_1_ex.jpg 0 14",
                "\(train)/0001/0001_000_02_0303morning_0015_0.jpg 1 1",
                "\(train)/0001/0001_001_02_0303morning_0016_0.jpg 1 1",
            ])
        #expect(
            short(data.query, tree) == ["\(test)/0000/0000_000_05_0303morning_0015_0.jpg 0 4"])
        #expect(data.gallery.map(\.camera) == [5])
        // Person 0 of train and of test are two people.
        #expect(data.remarks.isEmpty)
    }

    @Test("MSMT17 with listed files missing, or strange lines") func msmt17Damaged() throws {
        let tree = try msmt("train", "test")
        try FileManager.default.removeItem(
            atPath: tree.path("train/0000/0000_000_01_0303morning_0015_0.jpg"))
        let data = try PersonDataset.load(.msmt17, root: tree.root)
        #expect(
            data.remarks.contains(
                .missingFiles(
                    .train, files: 1,
                    example: tree.path("train/0000/0000_000_01_0303morning_0015_0.jpg"))))
        try tree.text("list_query.txt", "0000/0000_000_05_0303morning_0015_0.jpg 0\nwhat is this\n")
        #expect(
            throws: ReIDError.data(
                path: tree.path("list_query.txt"),
                reason: "line 2 is 'what is this', expected an image's path and a person")
        ) { try PersonDataset.load(.msmt17, root: tree.root) }
        try tree.text("list_query.txt", "0000/picture.jpg 0\n")
        #expect {
            try PersonDataset.load(.msmt17, root: tree.root)
        } throws: { "\($0)".contains("the first is 0000/picture.jpg") }
        try tree.text("list_query.txt", "\n")
        #expect(throws: ReIDError.data(path: tree.path("list_query.txt"), reason: "is empty")) {
            try PersonDataset.load(.msmt17, root: tree.root)
        }
        try FileManager.default.removeItem(atPath: tree.path("list_query.txt"))
        #expect(
            throws: ReIDError.data(
                path: tree.path("list_query.txt"),
                reason: "no such file, or it cannot be read; MSMT17 comes with it")
        ) { try PersonDataset.load(.msmt17, root: tree.root) }
        try FileManager.default.removeItem(atPath: tree.path("test"))
        #expect(
            throws: ReIDError.data(
                path: tree.path("test"),
                reason: "no such folder, nor mask_test_v2; MSMT17 has one of them beside its lists")
        ) { try PersonDataset.load(.msmt17, root: tree.root) }
    }

    @Test("a folder per person, all for training, with cameras in names and in a list") func folder() throws {
        let tree = try GeneratedTree()
        try tree.images(
            "berta/c2_door.jpg", "berta/x.png", "anna/c1_hall.JPG", "anna/cat_1.jpg", "10/c_1.jpg")
        try tree.text("anna/notes.txt", "not an image")
        try tree.text("cameras.csv", "image,camera\nanna/cat_1.jpg,4\nberta/c2_door.jpg,7\nnobody/1.jpg,1\n")
        #expect(try PersonDatasetLayout.guess(root: tree.root) == .folder)
        let data = try PersonDataset.load(.folder, root: tree.root)
        #expect(
            short(data.train, tree) == [
                "10/c_1.jpg 1 -1", "anna/c1_hall.JPG 2 0", "anna/cat_1.jpg 2 3", "berta/c2_door.jpg 3 6",
                "berta/x.png 3 -1",
            ])
        #expect(data.personNames == [1: "10", 2: "anna", 3: "berta"])
        #expect(data.query.isEmpty && data.gallery.isEmpty)
        #expect(
            data.remarks == [
                .attributeFile(path: tree.path("cameras.csv"), reason: "1 of 3 rows name no image"),
                .singleImages(people: [1]), .unknownCameras(images: 2),
            ])
    }

    @Test("a folder in three parts, people with numbers") func folderParts() throws {
        let tree = try GeneratedTree()
        try tree.images(
            "train/0012/c1_1.jpg", "train/0012/c2_1.jpg", "query/7/c1_1.jpg", "gallery/7/c2_1.jpg",
            "gallery/100/c2_1.jpg")
        let data = try PersonDataset.load(.folder, root: tree.root)
        #expect(data.trainPeople == [12])
        #expect(data.query.map(\.person) == [7])
        #expect(data.gallery.map(\.person) == [100, 7])
        #expect(data.personNames.isEmpty && data.remarks.isEmpty)
        // Attributes belong to numbers, whatever zeros precede them.
        try tree.text("a.csv", "person,hat\n12,yes\n7,no\n100,no\n")
        let labelled = try PersonDataset.load(.folder, root: tree.root, attributes: tree.path("a.csv"))
        #expect(labelled.attributes?.classes(of: 12) == [1])
        #expect(labelled.remarks.isEmpty)
    }

    @Test("folders that cannot work are named") func wrongFolders() throws {
        let tree = try GeneratedTree()
        #expect(
            throws: ReIDError.data(
                path: tree.root, reason: "holds no folders; expected one folder of images per person")
        ) { try PersonDataset.load(.folder, root: tree.root) }
        try tree.folder("anna")
        #expect(
            throws: ReIDError.data(
                path: tree.root, reason: "its 1 folders hold no images (JPEG, PNG or WebP)")
        ) { try PersonDataset.load(.folder, root: tree.root) }
        try tree.images("anna/1.jpg")
        try tree.text("cameras.csv", "file,camera\nanna/1.jpg,1\n")
        #expect(
            throws: ReIDError.data(
                path: tree.path("cameras.csv"),
                reason: "the header is 'file,camera', expected 'image,camera'")
        ) { try PersonDataset.load(.folder, root: tree.root) }
        try tree.text("cameras.csv", "image,camera\nanna/1.jpg,door\n")
        #expect(
            throws: ReIDError.data(
                path: tree.path("cameras.csv"),
                reason: "line 2: camera 'door', expected a number from 1 on")
        ) { try PersonDataset.load(.folder, root: tree.root) }
        try tree.images("query/anna/2.jpg")
        #expect(
            throws: ReIDError.data(
                path: tree.path("gallery"),
                reason: "no such folder; query and gallery belong together")
        ) { try PersonDataset.load(.folder, root: tree.root) }
    }

    @Test("layouts have names that configurations hold") func names() throws {
        #expect(
            PersonDatasetLayout.allCases.map(\.name) == [
                "market1501", "dukemtmc", "msmt17", "cuhk03-detected", "cuhk03-labeled", "folder",
            ])
        let coded = try JSONEncoder().encode(PersonDatasetLayout.allCases)
        #expect(
            try JSONDecoder().decode([PersonDatasetLayout].self, from: coded)
                == PersonDatasetLayout.allCases)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([PersonDatasetLayout].self, from: Data("[\"market\"]".utf8))
        }
    }
}
