import Foundation
import Gallery
import Imaging
import Resources
import Testing

/// `semblance faces …` with the example photo and the models of the set-up.
@Suite(.serialized) struct FaceGalleryCommandTests {
    private struct World {
        let folder: String
        let photo: String
        var gallery: String { folder + "/faces.gallery" }

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "faces-\(UUID().uuidString)").path
            photo = try ResourceLocator.standard.input("example:astronaut")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }

        func report(_ arguments: [String], gallery: String? = nil) throws -> JSON {
            let process = try SemblanceProcess(
                ["faces"] + arguments + ["--gallery", gallery ?? self.gallery, "--json"])
            #expect(process.status == 0, "\(process.errors)")
            return JSON(Data(process.output.utf8))
        }
    }

    @Test func facesAreFoundAgain() throws {
        let world = try World()
        defer { world.remove() }
        let photos = world.folder + "/photos"
        try FileManager.default.createDirectory(atPath: "\(photos)/eileen", withIntermediateDirectories: true)
        let photo = try Image.read(world.photo).rgb()
        try photo.writePNG("\(photos)/eileen/portrait.png")
        // Two faces, the second smaller and aside; and a picture of nobody.
        var pair = Image(width: photo.width + 200, height: photo.height, channels: 3, fill: 60)
        pair.paste(photo, x: 0, y: 0)
        let half = try photo.resized(width: photo.width / 2, height: photo.height / 2)
        pair.paste(half.cropped(x: 60, y: 0, width: 140, height: 160), x: photo.width + 20, y: 200)
        try pair.writePNG("\(photos)/eileen/pair.png")
        try Image(width: 200, height: 200, channels: 3, fill: 128).writePNG("\(photos)/eileen/wall.png")
        try Image(width: 1, height: 1, channels: 3, fill: 200).writePNG("\(photos)/eileen/point.png")
        try Image(width: 4000, height: 2, channels: 1, fill: 200).writePNG("\(photos)/eileen/strip.png")

        let indexed = try world.report(["index", photos])
        #expect(indexed["files"].number == 5 && indexed["added"].number == 3)
        let empty = indexed["empty"]
        #expect(
            (0..<empty.count).map { empty[$0].text?.split(separator: "/").last }
                == ["point.png", "strip.png", "wall.png"])
        #expect(indexed["model"]["name"].text == "sface" && indexed["model"]["unmasked"].flag == false)
        let entries = try GalleryLocation.open(world.gallery).records(after: 0, limit: 10).map(\.entry)
        // Of two faces, only the main one is the folder's person for certain.
        #expect(entries.map(\.identity).filter { $0 == "eileen" }.count == 2)
        for entry in entries {
            let box = try #require(entry.box)
            let image = entry.path.hasSuffix("pair.png") ? pair : photo
            #expect(box[0] >= 0 && box[1] >= 0 && box[2] > 20 && box[3] > 20)
            #expect(box[0] + box[2] <= image.width && box[1] + box[3] <= image.height)
        }
        // Known photos are not looked at again; one in which nobody was found is.
        let again = try world.report(["index", photos])
        #expect(again["added"].number == 0 && again["duplicates"].number == 2 && again["empty"].count == 3)

        let picture = world.folder + "/ranked.jpg"
        let found = try world.report(["search", "example:astronaut", "--picture", picture])["queries"][0]
        #expect(found["box"].numbers.count == 4 && found["hits"].count == 3)
        #expect((found["hits"][0]["similarity"].number ?? 0) > 0.999)
        #expect((found["hits"][2]["similarity"].number ?? 0) > 0.5)
        #expect(try Image.read(picture).height > 192)
        let nobody = try SemblanceProcess(
            ["faces", "search", "\(photos)/eileen/wall.png", "--gallery", world.gallery])
        #expect(nobody.status == 1 && nobody.errors.contains("no face was found"))

        #expect(try world.report(["delete", "--person", "eileen"])["images"].number == 2)
        #expect(try world.report(["stats"])["statistics"]["images"].number == 1)
        // Another recogniser's embeddings cannot be compared.
        let other = try SemblanceProcess(
            ["faces", "search", world.photo, "--gallery", world.gallery, "--recogniser", "dlib"])
        #expect(other.status == 1 && other.errors.contains("holds embeddings of sface"), "\(other.errors)")
        let people = try SemblanceProcess(["reid", "stats", "--gallery", world.gallery])
        #expect(people.status == 1 && people.errors.contains("of kind 'face'"))
    }

    @Test func masksAreRecoveredWhereTheGallerySaysSo() throws {
        let world = try World()
        defer { world.remove() }
        let masked = world.folder + "/masked.png"
        let mask = try SemblanceProcess([
            "mask", world.photo, "-o", masked, "--kind", "surgical", "--seed", "7",
        ])
        #expect(mask.status == 0)
        let unmasked = world.folder + "/unmasked.gallery"
        let indexed = try world.report(["index", world.photo, "--unmask"], gallery: unmasked)
        #expect(indexed["model"]["unmasked"].flag == true)
        #expect(try world.report(["index", world.photo])["model"]["unmasked"].flag == false)
        func similarity(_ gallery: String?) throws -> Double {
            try #require(
                try world.report(["search", masked], gallery: gallery)["queries"][0]["hits"][0]["similarity"]
                    .number)
        }
        // The search does to its photo what the gallery did to its own.
        let (plain, recovered) = (try similarity(nil), try similarity(unmasked))
        #expect(plain > 0.2 && recovered > 0.2 && abs(plain - recovered) > 1e-3)
        let refused = try SemblanceProcess(
            ["faces", "index", masked, "--gallery", world.gallery, "--unmask"])
        #expect(refused.status == 1 && refused.errors.contains("unmasked"), "\(refused.errors)")
        // Without the flag, a gallery of unmasked faces is gone on with.
        #expect(try world.report(["index", masked], gallery: unmasked)["added"].number == 1)
    }
}
