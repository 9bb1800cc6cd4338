import Foundation
import Gallery
import Imaging
import TestSupport
import Testing

/// `semblance reid …` on a small drawn data set and an untrained model.
@Suite struct GalleryCommandTests {
    @Test func theSameImageIsFoundFirst() throws {
        let world = try GalleryWorld()
        let indexed = try world.index()
        // 4 people by 3 cameras and a distractor; junk stays out.
        #expect(indexed["added"].number == 13 && indexed["files"].number == 13)
        #expect(indexed["kind"].text == "person" && indexed["model"]["dimension"].number == 16)
        let file = "\(world.images)/\(GalleryWorld.name(3, 2))"
        let picture = "\(world.folder)/ranked.png"
        let found = try world.report(
            ["search", file, "--model", world.model, "--top", "5", "--picture", picture])
        let hits = found["queries"][0]["hits"]
        #expect(hits.count == 5)
        #expect(hits[0]["rank"].number == 1)
        #expect(abs((hits[0]["similarity"].number ?? 0) - 1) < 1e-5)
        #expect(hits[0]["entry"]["path"].text == file)
        #expect(hits[0]["entry"]["identity"].text == "0003")
        #expect(hits[0]["entry"]["camera"].number == 2)
        #expect(["yes", "no"].contains(hits[0]["entry"]["attributes"]["hat"].text))
        let similarities = (0..<5).map { hits[$0]["similarity"].number ?? 2 }
        #expect(similarities == similarities.sorted(by: >))
        // Six pictures in a row.
        #expect(try Image.read(picture).width > 6 * 96)

        let text = try world.reid(["search", file, "--model", world.model, "--top", "1"])
        #expect(text.status == 0)
        #expect(text.output.contains("   1  1.000  #"), "\(text.output)")
    }

    @Test func conditionsNarrowTheSearch() throws {
        let world = try GalleryWorld()
        let times = "\(world.folder)/times.csv"
        var rows = "image,time\n"
        for camera in 1...3 { rows += "\(GalleryWorld.name(1, camera)),2026-01-0\(camera)T12:00:00Z\n" }
        try world.write(rows, to: times)
        try world.index(nil, ["--attributes", world.attributes, "--times", times])
        let query = "\(world.market)/query/\(GalleryWorld.name(1, 1))"
        func entries(_ conditions: [String]) throws -> [JSON] {
            let hits = try world.report(
                ["search", query, "--model", world.model, "--top", "100"] + conditions)["queries"][0]["hits"]
            let found = try world.report(["find"] + conditions)["entries"]
            // With and without a photo the same entries meet the conditions.
            #expect(
                Set((0..<hits.count).map { hits[$0]["entry"]["id"].number })
                    == Set((0..<found.count).map { found[$0]["id"].number }))
            return (0..<found.count).map { found[$0] }
        }
        #expect(try entries([]).count == 13)
        #expect(try entries(["--camera", "2"]).compactMap { $0["camera"].number } == [2, 2, 2, 2, 2])
        #expect(try entries(["--camera", "1", "--camera", "3"]).count == 8)
        #expect(
            try entries(["--person", "0003", "--person", "0004"]).compactMap { $0["identity"].text }
                == ["0003", "0003", "0003", "0004", "0004", "0004"])
        #expect(try entries(["--attributes", "hat=yes"]).compactMap { $0["identity"].text }.contains("0002"))
        #expect(
            try entries(["--attributes", "hat=yes,age=adult", "--person", "0002"]).count == 3)
        #expect(try entries(["--attributes", "hat=no", "--person", "0002"]).isEmpty)
        #expect(try entries(["--after", "2026-01-02"]).count == 2)
        #expect(try entries(["--before", "2026-01-02"]).count == 1)
        let one = try entries(["--after", "2026-01-02T12:00:00Z", "--before", "2026-01-03"])
        #expect(one.map { $0["time"].text } == ["2026-01-02T12:00:00Z"])
        let page = try world.report(["find", "--top", "5", "--offset", "10"])["entries"]
        #expect(page.count == 3)
    }

    @Test func layoutsFoldersAndNamesSayWhoIsShown() throws {
        let world = try GalleryWorld()
        func people(_ arguments: [String], _ input: String) throws -> [String?] {
            let gallery = "\(world.folder)/\(UUID().uuidString).gallery"
            try world.index(input, arguments, gallery: gallery)
            return try world.records(gallery).map(\.entry.identity)
        }
        // The root of a data set: its gallery, or the part that is named.
        #expect(try people([], world.market).count == 13)
        #expect(try people(["--split", "query"], world.market) == ["0001", "0002", "0003", "0004"])
        #expect(try people(["--split", "train", "--layout", "market1501"], world.market) == ["0005"])
        #expect(try people(["--anonymous"], "\(world.market)/query") == [nil, nil, nil, nil])
        // Folders of people.
        let own = "\(world.folder)/own"
        for (name, person) in [("anna", 1), ("bela", 2)] {
            try FileManager.default.createDirectory(
                atPath: "\(own)/\(name)", withIntermediateDirectories: true)
            for camera in 1...2 {
                try FileManager.default.copyItem(
                    atPath: "\(world.images)/\(GalleryWorld.name(person, camera))",
                    toPath: "\(own)/\(name)/c\(camera)_x.jpg")
            }
        }
        let gallery = "\(world.folder)/own.gallery"
        try world.index(own, gallery: gallery)
        let entries = try world.records(gallery).map(\.entry)
        #expect(entries.map(\.identity) == ["anna", "anna", "bela", "bela"])
        #expect(entries.map(\.camera) == [1, 2, 1, 2])
        // A single image, and what the caller says of it.
        #expect(
            try people(["--person", "clara", "--camera", "7"], "\(own)/anna/c1_x.jpg") == ["clara"])
    }

    @Test func whatIsThereIsNotAddedAgain() throws {
        let world = try GalleryWorld()
        try FileManager.default.copyItem(
            atPath: "\(world.images)/\(GalleryWorld.name(1, 1))", toPath: "\(world.images)/copy.jpg")
        let first = try world.index()
        #expect(first["added"].number == 13 && first["duplicates"].number == 1)
        let again = try world.index()
        #expect(again["added"].number == 0 && again["duplicates"].number == 14)
        let more = try world.index(world.market, ["--split", "query"])
        #expect(more["added"].number == 4)
        #expect(try world.records().count == 17)
    }

    @Test func timesComeFromTheFile() throws {
        let world = try GalleryWorld()
        let file = "\(world.folder)/dated.jpg"
        var jpeg = try Image(width: 32, height: 64, channels: 3, fill: 90).encodeJPEG()
        jpeg.insert(contentsOf: EXIFBlock.jpegSegment(time: "2026:01:31 12:00:00", offset: "+02:00"), at: 2)
        try Data(jpeg).write(to: URL(filePath: file))
        try world.index(file)
        #expect(
            try world.records().map(\.entry.time) == [try Date("2026-01-31T10:00:00Z", strategy: .iso8601)])
    }

    @Test func thumbnailsHaveTheSideThatWasAskedFor() throws {
        let world = try GalleryWorld()
        try world.index("\(world.market)/query", ["--thumbnails", "32"])
        for record in try world.records() {
            let picture = try Image.decode(try #require(record.thumbnail))
            #expect(picture.width == 16 && picture.height == 32)
        }
        let bare = "\(world.folder)/bare.gallery"
        try world.index("\(world.market)/query", ["--thumbnails", "none"], gallery: bare)
        #expect(try world.records(bare).allSatisfy { $0.thumbnail == nil })
        // Results are then shown from the files.
        let picture = "\(world.folder)/ranked.png"
        _ = try world.report(
            [
                "search", "\(world.market)/query/\(GalleryWorld.name(1, 1))", "--model", world.model,
                "--picture", picture,
            ], gallery: bare)
        #expect(try Image.read(picture).width > 4 * 96)
    }

    @Test func imagesOfAnyShapeAreTaken() throws {
        let world = try GalleryWorld()
        let folder = "\(world.folder)/shapes"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Image(width: 1, height: 1, channels: 3, fill: 200).writePNG("\(folder)/point.png")
        try Image(width: 4000, height: 2, channels: 1, fill: 120).writePNG("\(folder)/strip.png")
        try Image(width: 2, height: 900, channels: 4, fill: 90).writePNG("\(folder)/pole.png")
        #expect(try world.index(folder)["added"].number == 3)
        for record in try world.records() {
            let picture = try Image.decode(try #require(record.thumbnail))
            #expect(max(picture.width, picture.height) <= 160)
        }
        let picture = "\(world.folder)/ranked.png"
        let found = try world.report(
            ["search", "\(folder)/pole.png", "--model", world.model, "--picture", picture])
        #expect(found["queries"][0]["hits"][0]["entry"]["path"].text == "\(folder)/pole.png")
    }

    @Test func embeddingsOfAnotherModelAreRefused() throws {
        let world = try GalleryWorld()
        try world.index()
        let query = "\(world.market)/query"
        for arguments in [["index", query], ["search", query]] {
            let process = try world.reid(arguments + ["--model", world.otherModel])
            #expect(process.status == 1)
            #expect(process.errors.contains("holds embeddings of model"), "\(process.errors)")
        }
        #expect(try world.records().count == 13)
        let faces = try SemblanceProcess(["faces", "find", "--gallery", world.gallery])
        #expect(faces.status == 1)
        #expect(faces.errors.contains("of kind 'person'"), "\(faces.errors)")
    }

    @Test func deletionLeavesNothing() throws {
        let world = try GalleryWorld()
        try world.index()
        let before = try world.records()
        let gone = before.filter { $0.entry.identity == "0002" }
        #expect(gone.count == 3)
        /// Bytes that occur in the files while the entries do.
        func traces(_ record: GalleryRecord) -> [[UInt8]] {
            let embedding = record.embedding.withUnsafeBytes { Array($0) }
            let name = record.entry.path.split(separator: "/").last ?? ""
            return [
                embedding, Array((record.thumbnail ?? []).suffix(200)), Array(name.utf8),
                Array(record.entry.sha256.utf8),
            ]
        }
        let full = try world.bytes()
        // At the very least the vector, the picture and the name can be seen before.
        #expect(traces(gone[0]).prefix(3).allSatisfy { full.firstRange(of: $0) != nil })
        let report = try world.report(["delete", "--person", "0002"])
        #expect(report["images"].number == 3 && report["identities"].number == 1)
        #expect(report["isErased"].flag == true)
        let left = try world.bytes()
        for record in gone {
            for trace in traces(record) { #expect(left.firstRange(of: trace) == nil) }
        }
        #expect(try world.records() == before.filter { $0.entry.identity != "0002" })

        #expect(try world.report(["delete", "--image", "1"])["images"].number == 1)
        let path = "\(world.images)/\(GalleryWorld.name(4, 2))"
        #expect(try world.report(["delete", "--path", path])["images"].number == 1)
        #expect(try world.report(["delete", "--before", "2020-01-01"])["images"].number == 0)
        #expect(try world.records().count == 8)
        let again = try world.reid(["delete", "--person", "0002"])
        #expect(again.status == 1 && again.errors.contains("nothing was deleted"))
        #expect(try world.report(["check"])["isSound"].flag == true)
        // Who is deleted may be indexed again.
        #expect(try world.index()["added"].number == 5)
        #expect(try world.report(["delete", "--before", "2100-01-01"])["images"].number == 13)
    }

    @Test func whatIsImportedEqualsWhatWasExported() throws {
        let world = try GalleryWorld()
        let times = "\(world.folder)/times.csv"
        try world.write(
            "image,time\n\(GalleryWorld.name(1, 1)),2026-01-01T12:00:00.123456Z\n", to: times)
        try world.index(nil, ["--times", times])
        _ = try world.report(["delete", "--person", "0001", "--json"].filter { $0 != "--json" })
        let copy = "\(world.folder)/copy"
        #expect(try world.report(["export", copy])["images"].number == 10)
        let other = "\(world.folder)/second.gallery"
        let imported = try world.report(["import", copy], gallery: other)
        #expect(imported["added"].number == 10)
        func bare(_ records: [GalleryRecord]) -> [GalleryRecord] {
            records.map { record in
                var record = record
                record.entry.id = 0
                return record
            }
        }
        #expect(try bare(world.records(other)) == bare(world.records()))
        let first = try GalleryLocation.open(world.gallery)
        #expect(try GalleryLocation.open(other).model == first.model)
        #expect(try first.audit(after: 0, limit: 100).map(\.action).contains(.export))
        #expect(try world.report(["import", copy], gallery: other)["duplicates"].number == 10)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: world.folder).allSatisfy {
                !$0.hasSuffix(".partial")
            })

        // Into itself; over something; damaged; of another kind.
        #expect(try world.reid(["export", copy]).errors.contains("there is a file already"))
        let faces = try SemblanceProcess(["faces", "import", copy, "--gallery", "\(world.folder)/f.gallery"])
        #expect(faces.status == 1 && faces.errors.contains("of kind 'person'"))
        let lines = "\(copy)/entries-00001.jsonl"
        let text = try String(contentsOfFile: lines, encoding: .utf8)
        #expect(text.split(separator: "\n").count == 10)
        try world.write(text.replacingOccurrences(of: "0003", with: "0009"), to: lines)
        let damaged = try world.reid(["import", copy], gallery: "\(world.folder)/third.gallery")
        #expect(damaged.status == 1 && damaged.errors.contains("entries-00001.jsonl"), "\(damaged.errors)")
        #expect(try world.reid(["import", world.images]).errors.contains("gallery.json"))
    }

    @Test func numbersChecksIndexAndAudit() throws {
        let world = try GalleryWorld()
        try world.index(nil, ["--attributes", world.attributes])
        let stats = try world.report(["stats"])
        let numbers = stats["statistics"]
        #expect(numbers["images"].number == 13 && numbers["identities"].number == 4)
        #expect(numbers["unidentified"].number == 1 && numbers["thumbnails"].number == 13)
        #expect(numbers["cameras"]["2"].number == 5)
        let hats = ["yes", "no"].map { stats["attributes"]["hat"][$0].number ?? 0 }
        #expect(hats.reduce(0, +) == 13 && hats[0] >= 3)
        #expect(try world.report(["check"])["isSound"].flag == true)
        for kind in ["hnsw", "exact"] {
            let index = try world.report(["optimise", "--kind", kind])["index"]
            #expect(index["kind"].text == kind && (index["recall"].number ?? 0) >= 0.99)
            let file = "\(world.images)/\(GalleryWorld.name(2, 2))"
            let hit = try world.report(["search", file, "--model", world.model])["queries"][0]["hits"][0]
            #expect(hit["entry"]["path"].text == file)
        }
        let audit = try world.report(["audit"])["records"]
        let actions = (0..<audit.count).map { audit[$0]["action"].text ?? "" }
        #expect(Set(actions) == ["create", "add", "optimise", "search"])
        #expect(audit[0]["actor"].text == ProcessInfo.processInfo.userName)
        let last = try world.report(["audit", "--after", "\(audit.count - 1)"])["records"]
        #expect(last.count == 1)
        for command in ["stats", "check", "audit"] {
            let text = try world.reid([command])
            #expect(text.status == 0 && text.output.split(separator: "\n").count >= 3, "\(text.errors)")
        }
    }

    @Test func mistakesAreExplained() throws {
        let world = try GalleryWorld()
        let empty = "\(world.folder)/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        let text = "\(world.folder)/text.txt"
        try world.write("hello, this is not a gallery", to: text)
        let query = "\(world.market)/query"
        try world.index()
        let cases: [(arguments: [String], gallery: String, status: Int32, words: String)] = [
            (["index", "\(world.folder)/nowhere"], world.gallery, 1, "no such"),
            (["index", empty], world.gallery, 1, "no images"),
            (["index", query, "--split", "train"], world.gallery, 1, "no part 'train'"),
            (["index", query, "--times", text], world.gallery, 1, "expected 'image,time'"),
            (["index", query, "--thumbnails", "7"], world.gallery, 64, "16 to 1024"),
            (["index", query, "--model", world.model], text, 1, "this is no gallery"),
            (["search", query], "\(world.folder)/none.gallery", 1, "there is no gallery; make one with"),
            (["search", "\(world.folder)/nowhere.jpg"], world.gallery, 1, "no such file"),
            (["search", query, "--picture", "x.png"], world.gallery, 64, "one photo"),
            (["search", query, "--after", "yesterday"], world.gallery, 64, "is no time"),
            (["find", "--attributes", "hut=yes"], world.gallery, 1, "did you mean 'hat'?"),
            (["find", "--attributes", "hat"], world.gallery, 64, "NAME=VALUE"),
            (["find", "--top", "0"], world.gallery, 64, "1 to"),
            (["find"], text, 1, "this is no gallery"), (["find"], empty, 1, "it is a folder"),
            (["delete"], world.gallery, 64, "say what to delete"),
            (["delete", "--person", "a", "--image", "1"], world.gallery, 64, "--image"),
            (["export", "/proc/x/y"], world.gallery, 1, "/proc/x/y"),
            (["import", "\(world.folder)/nowhere"], world.gallery, 1, "no such folder"),
        ]
        for (arguments, gallery, status, words) in cases {
            let process = try world.reid(arguments, gallery: gallery)
            #expect(process.status == status, "\(arguments): \(process.errors)")
            #expect(process.errors.contains(words), "\(arguments): \(process.errors)")
            #expect(process.output == "", "\(arguments)")
        }
        // Nothing was made where something could not be opened.
        #expect(!FileManager.default.fileExists(atPath: "\(world.folder)/none.gallery"))
    }

    @Test func unreadableImagesAreLeftOutAndFailTheCommand() throws {
        let world = try GalleryWorld()
        let broken = "\(world.images)/0001_c3s1_000009_00.jpg"
        let whole = Array(
            try #require(FileManager.default.contents(atPath: "\(world.images)/\(GalleryWorld.name(1, 1))")))
        try Data(whole.prefix(300)).write(to: URL(filePath: broken))
        let process = try world.reid(["index", world.images, "--model", world.model, "--json"])
        #expect(process.status == 1)
        let report = JSON(Data(process.output.utf8))
        #expect(report["added"].number == 13 && report["unreadable"].count == 1)
        #expect(report["unreadable"][0]["file"].text == broken)
        #expect(process.errors.contains(broken))
        #expect(try world.records().count == 13)
    }
}
