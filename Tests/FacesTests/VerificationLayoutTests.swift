import Faces
import Foundation
import Imaging
import Testing

/// Lists of pairs as the data sets have them, on trees of a few tiny files.
@Suite struct VerificationLayoutTests {
    private func list(_ text: String) throws -> VerificationPairs {
        try VerificationPairs(text: text, source: "pairs.txt")
    }

    private func message(_ text: String) throws -> String {
        try #require(throws: FacesError.self) { _ = try list(text) }.description
    }

    @Test func listsWithoutAFirstLineAreLikeLFW() throws {
        // MFR2.
        let rows = (1...20).map { "Ada_B \($0) \($0 + 1)" } + (1...20).map { "Ada_B \($0) Cy 3" }
        let list = try list(rows.joined(separator: "\n"))
        #expect(list.pairs.count == 40)
        #expect(list.pairs[0].first.stem == "Ada_B/Ada_B_0001" && list.pairs[0].isSame)
        #expect(list.pairs[39].second.stem == "Cy/Cy_0003" && !list.pairs[39].isSame)
        for fold in 0..<10 {
            #expect(list.pairs.filter { $0.fold == fold && $0.isSame }.count == 2)
            #expect(list.pairs.filter { $0.fold == fold && !$0.isSame }.count == 2)
        }
        #expect(list.knowsPersons)
        #expect(try message("A 1 2\nA 1 B\n").contains("line 2: 'A 1 B' is no pair"))
    }

    @Test func twoLinesMakeAPairOfCALFW() throws {
        let list = try list(
            """
            Ada_Bee_0001.jpg 1
            Ada_Bee_0002.jpg 1
            Cy_0001.jpg 2
            Cy_0004.jpg 2
            Ada_Bee_0001.jpg 0
            Cy_0001.jpg 0
            """)
        #expect(list.pairs.map(\.isSame) == [true, true, false])
        #expect(list.pairs[0].first.stem == "Ada_Bee_0001.jpg")
        #expect(list.pairs[0].first.person == "Ada_Bee" && list.knowsPersons)
        #expect(list.pairs.map(\.fold) == [0, 5, 0])
        #expect(try message("a.jpg 1\nb.jpg 1\nc.jpg 1\n").contains("3 lines, but every pair takes two"))
        #expect(try message("a.jpg 1\nb.jpg 0\n").contains("line 1: 'a.jpg 1' and 'b.jpg 0' are no pair"))
        #expect(try message("../a.jpg 1\nb.jpg 1\n").contains("line 1"))
    }

    @Test func labelledFilesAreRead() throws {
        let list = try list(
            """
            0_MariaCallas_35_f.jpg 7_MariaCallas_66_f.jpg 1
            0_MariaCallas_35_f.jpg 9_GlennFord_20_m.jpg 0
            """)
        #expect(list.pairs.map(\.isSame) == [true, false])
        #expect(list.pairs[1].second.person == "GlennFord")
        // Paths that say nothing, or something else than the labels, leave the persons unknown.
        let numbers = try self.list("img/1.jpg img/2.jpg 1\nimg/1.jpg img/3.jpg 0\n")
        #expect(!numbers.knowsPersons && numbers.pairs.map(\.isSame) == [true, false])
        let folders = try self.list("ada/1.jpg ada/2.jpg 1\nada/1.jpg bo/3.jpg 0\n")
        #expect(folders.knowsPersons && folders.pairs[1].second.person == "bo")
        #expect(try message("a.jpg b.jpg 1\na.jpg b.jpg 2\n").contains("line 2: 'a.jpg b.jpg 2' is no pair"))
        #expect(try message("/etc/a.jpg b.jpg 1\n").contains("line 1"))
    }

    @Test func protocolsOfCFPAreRead() throws {
        let folder = try Folder()
        func write(_ path: String, _ text: String) throws {
            let url = folder.url(path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        try write(
            "Protocol/Pair_list_F.txt",
            "1 ../Data/Images/001/frontal/01.jpg\r\n2 ../Data/Images/002/frontal/01.jpg\r\n")
        try write(
            "Protocol/Pair_list_P.txt",
            "1 ../Data/Images/001/profile/01.jpg\n2 ../Data/Images/002/profile/01.jpg\n")
        for fold in ["01", "02"] {
            try write("Protocol/Split/FP/\(fold)/same.txt", "1,1\n2,2\n")
            try write("Protocol/Split/FP/\(fold)/diff.txt", "1,2\n2,1\n")
        }
        for path in ["001/frontal", "001/profile", "002/frontal", "002/profile"] {
            try write("Data/Images/\(path)/x", "")
            try Image(width: 9, height: 7, channels: 3, fill: 3).writeJPEG(
                folder.path("Data/Images/\(path)/01.jpg"), quality: 90)
        }
        let set = try VerificationSet.read(pairs: folder.path("Protocol/Split/FP"), images: nil)
        #expect(set.list.pairs.map(\.isSame) == [true, true, false, false, true, true, false, false])
        #expect(set.list.pairs.map(\.fold) == [0, 0, 0, 0, 1, 1, 1, 1])
        #expect(set.list.pairs[2].first.stem == "Data/Images/001/frontal/01.jpg")
        #expect(set.list.pairs[2].second.stem == "Data/Images/002/profile/01.jpg")
        #expect(set.list.pairs[2].second.person == "002" && set.list.knowsPersons && !set.areAligned)
        try set.photos.locate(set.list.pairs.map(\.second))
        #expect(try set.photos.image(set.list.pairs[0].second).width == 9)

        try write("Protocol/Split/FP/02/diff.txt", "1,2\n2,9\n")
        func problem(_ path: String) throws -> String {
            try #require(throws: FacesError.self) {
                _ = try VerificationSet.read(pairs: folder.path(path), images: nil)
            }.description
        }
        #expect(try problem("Protocol/Split/FP").contains("02/diff.txt, line 2: '2,9' is no pair"))
        #expect(try problem("Protocol/Split").contains("expected a list of pairs, or a protocol of CFP"))
        try write("Protocol/Split/FF/x", "")
        #expect(try problem("Protocol/Split/FF").contains("has no folds"))
        try write("Protocol/Pair_list_F.txt", "1 ../../etc/passwd\n")
        #expect(try problem("Protocol/Split/FP").contains("leaves the data set's folder"))
    }

    @Test func listsNeedToKnowWherePhotosAre() throws {
        let folder = try Folder()
        try Data("A 1 2\nA 1 B 1\n".utf8).write(to: folder.url("pairs.txt"))
        let error = try #require(throws: FacesError.self) {
            _ = try VerificationSet.read(pairs: folder.path("pairs.txt"), images: nil)
        }
        #expect(error.description.contains("give --images DIR"))
    }

    // MARK: Packed files (Tools/reference/packed_pairs.py)

    @Test(arguments: ["packed-4.bin", "packed-3.bin", "packed-python2.bin"])
    func packedFilesAreRead(name: String) throws {
        let set = try VerificationSet.read(pairs: fixture(name), images: nil)
        #expect(set.areAligned && !set.list.knowsPersons)
        #expect(set.list.pairs.map(\.isSame) == [true, false, true])
        #expect(set.list.pairs.map(\.fold) == [0, 3, 6])
        try set.photos.locate(set.list.pairs.flatMap { [$0.first, $0.second] })
        let colours = try set.list.pairs.flatMap { pair in
            try [pair.first, pair.second].map { try Array(set.photos.image($0).pixels[0..<3]) }
        }
        #expect(
            colours == [
                [255, 0, 0], [255, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [0, 0, 255],
            ])
        #expect(set.photos.name(set.list.pairs[1].second).hasSuffix("\(name), image 3"))
        // Photos of one content are told apart by their number.
        #expect(
            set.photos.fingerprint(set.list.pairs[0].first)
                != set.photos.fingerprint(set.list.pairs[0].second))
        #expect(throws: FacesError.self) { try set.photos.locate([.init(stem: "6")]) }
    }

    @Test(arguments: ["packed-codecs.bin", "packed-numpy.bin"])
    func namedObjectsAreNeverLoaded(name: String) throws {
        let error = try #require(throws: FacesError.self) {
            _ = try VerificationSet.read(pairs: fixture(name), images: nil)
        }
        #expect(error.description.contains("names Python objects"), "\(error)")
        #expect(error.description.contains("pickle.dump((images, issame), file, protocol=4)"))
    }

    @Test func damagedPackedFilesAreErrors() throws {
        let folder = try Folder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("packed-4.bin")))
        func problem(_ data: Data) throws -> String {
            try data.write(to: folder.url("x.bin"))
            return try #require(throws: FacesError.self) {
                _ = try PackedPhotos(contentsOf: folder.path("x.bin"))
            }.description
        }
        // Every prefix is an error, and none a crash.
        for length in 0..<whole.count {
            #expect(try problem(whole.prefix(length)).hasPrefix(folder.path("x.bin")))
        }
        #expect(try problem(Data("(lp0\n.".utf8)).contains("not understood"))
        #expect(try problem(Data([0x80, 9])).contains("protocol 9"))
        #expect(
            try problem(Data([0x80, 4, 0x5D, 0x2E])).contains("holds a list of 0; expected a pair of lists"))
        // ([], [True]): a pair without images.
        #expect(
            try problem(Data([0x80, 4, 0x5D, 0x5D, 0x88, 0x61, 0x86, 0x2E])).contains("0 images for 1 pairs"))
        #expect(try problem(Data([0x80, 4, 0x68, 7, 0x2E])).contains("value 7 is recalled"))
        #expect(try problem(Data([0x80, 4, 0x88, 0x88, 0x61, 0x2E])).contains("other than a list"))
        #expect(try problem(Data([0x80, 4, 0x65])).contains("a mark is missing"))
        #expect(
            try problem(Data([0x80, 4, 0x8E, 255, 255, 255, 255, 255, 255, 255, 127])).contains("cut short"))
        #expect(try problem(Data([0x80, 4] + [UInt8](repeating: 0xFF, count: 9))).contains("not understood"))
    }

    // MARK: Masks from folders

    @Test func foldersHoldMaskedPhotosOrPictures() throws {
        let folder = try Folder()
        let photos = [
            VerificationPair.Photo(person: "A", number: 1), VerificationPair.Photo(person: "A", number: 2),
        ]
        func problem() throws -> String {
            try #require(throws: FacesError.self) { _ = try MaskFolder.read(folder.url.path, for: photos) }
                .description
        }
        #expect(try problem().contains("holds no pictures"))
        let opaque = Image(width: 8, height: 8, channels: 3, fill: 9)
        try opaque.writePNG(folder.path("mask.png"))
        #expect(try problem().contains("mask.png: is neither a masked photo of the list (such as A/A_0001)"))

        var picture = Image(width: 40, height: 20, channels: 4)
        for y in 4..<16 {
            for x in 5..<35 {
                picture.pixels.replaceSubrange(
                    4 * (y * 40 + x)..<4 * (y * 40 + x) + 4, with: [0, 0, 255, 255])
            }
        }
        try picture.writePNG(folder.path("mask.png"))
        let templates = try MaskFolder.read(folder.url.path, for: photos)
        #expect(templates.signature == "mask pictures mask.png")

        try FileManager.default.createDirectory(at: folder.url("A"), withIntermediateDirectories: true)
        try opaque.writePNG(folder.path("A/A_0002.png"))
        #expect(try problem().contains("1 photos of the list are missing"))
        try Image(width: 8, height: 8, channels: 3, fill: 77).writePNG(folder.path("A/A_0001.png"))
        let masked = try MaskFolder.read(folder.url.path, for: photos)
        let worn = try masked.wear(on: opaque, face: nil, name: photos[0].stem)
        #expect(worn?.pixels[0] == 77)
    }

    @Test func picturesOfMasksCoverTheLowerFace() throws {
        var picture = Image(width: 60, height: 50, channels: 4)
        for y in 10..<40 {
            for x in 10..<50 {
                let colour: [UInt8] = x < 30 ? [255, 0, 0, 255] : [0, 0, 255, 255]
                picture.pixels.replaceSubrange(4 * (y * 60 + x)..<4 * (y * 60 + x) + 4, with: colour)
            }
        }
        let template = try #require(MaskTemplate(picture))
        let landmarks = try MaskingSupport.face(eyeDistance: 60, centre: Point(100, 80))
        let photo = Image(width: 200, height: 240, channels: 3, fill: 50)
        let worn = template.wear(on: photo, landmarks: landmarks)
        func colour(_ x: Double, _ y: Double) -> [UInt8] {
            let at = 3 * (Int(y.rounded()) * 200 + Int(x.rounded()))
            return Array(worn.pixels[at..<at + 3])
        }
        // Corners of the mouth, left and right in the picture.
        let (left, right) = (landmarks.points[61], landmarks.points[291])
        #expect(colour(left.x, left.y) == [255, 0, 0])
        #expect(colour(right.x, right.y) == [0, 0, 255])
        // Eyes, forehead and what is below the chin stay.
        for index in [33, 263, 10] {
            #expect(colour(landmarks.points[index].x, landmarks.points[index].y) == [50, 50, 50])
        }
        let chin = landmarks.points[152]
        #expect(colour(chin.x, chin.y - 2) != [50, 50, 50] && colour(chin.x, chin.y + 20) == [50, 50, 50])
        #expect(MaskTemplate(Image(width: 8, height: 8, channels: 3)) == nil)
        #expect(MaskTemplate(Image(width: 8, height: 8, channels: 4, fill: 255)) == nil)
        #expect(MaskTemplate(Image(width: 8, height: 8, channels: 4)) == nil)
    }

    @Test func alignedCropsAreNotSearched() throws {
        let faces = try AlignedFaceDetector().detect(Image(width: 224, height: 224, channels: 3))
        let face = try #require(faces.first)
        let transform = try AlignmentTemplate.arcFace112.transform(from: face.landmarks)
        // Edges map to edges.
        let corner = transform.apply(Point(-0.5, 223.5))
        #expect(abs(corner.x + 0.5) < 1e-9 && abs(corner.y - 111.5) < 1e-9)
    }
}
