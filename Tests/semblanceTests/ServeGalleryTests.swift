import Foundation
import Gallery
import HTTP
import Imaging
import Resources
import TestSupport
import Testing

/// Galleries in a running server, with the models that come with Semblance.
@Suite(.serialized) struct ServeGalleryTests {
    private final class World {
        let folder: String
        let photo: String
        var faces: String { folder + "/faces.gallery" }
        var people: String { folder + "/people.gallery" }
        var tokens: String { folder + "/tokens.json" }

        init() throws {
            folder =
                FileManager.default.temporaryDirectory.appending(path: "served-\(UUID().uuidString)").path
            photo = try ResourceLocator.standard.input("example:astronaut")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func run(_ arguments: [String]) throws -> String {
            let process = try SemblanceProcess(arguments)
            #expect(process.status == 0, "\(process.errors)")
            return process.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// A person's picture, unlike others with another number.
        func person(_ number: Int) throws -> [UInt8] {
            var image = Image(width: 64, height: 128, channels: 3, fill: UInt8(80 + 20 * number))
            image.fill(Rect(x: 14, y: 30, width: 36, height: 40), colour: Colour.series[number % 7])
            return try image.encodePNG()
        }
    }

    @Test func entriesAreAddedFoundAndDeletedByThoseWhoMay() throws {
        let world = try World()
        let first = "\(world.folder)/first.png"
        try Data(world.person(0)).write(to: URL(filePath: first))
        _ = try world.run(["reid", "index", first, "--gallery", world.people, "--person", "zoe"])
        _ = try world.run(["faces", "index", world.photo, "--gallery", world.faces])
        var headers: [String: [(String, String)]] = [:]
        for (name, access) in [("reader", "read"), ("writer", "write"), ("boss", "admin")] {
            let token = try world.run(
                ["serve", "token", "add", name, "--access", access, "--tokens", world.tokens])
            headers[name] = [("Authorization", "Bearer \(token)")]
        }
        let server = try ServeProcess([
            "--gallery", world.people, "--gallery", world.faces, "--tokens", world.tokens, "--threads", "1",
        ])
        func ask(_ who: String, _ method: String, _ target: String) throws -> RawClient.Reply {
            try server.ask(method, target, headers: headers[who] ?? [])
        }
        func add(_ who: String, _ photo: [UInt8], _ values: [(String, String)], kind: String = "person")
            throws
            -> RawClient.Reply
        {
            try server.post(
                "/v1/gallery/\(kind)/entries", files: [("image", photo)], values: values,
                headers: headers[who] ?? [])
        }
        #expect(try server.ask("GET", "/v1/gallery").status == 401)
        let list = JSON(try ask("reader", "GET", "/v1/gallery"))["galleries"]
        #expect(list.count == 2 && list[0]["kind"].text == "face" && list[1]["kind"].text == "person")
        #expect(list[1]["attributes"]["gender"].count == 2)

        // Only who may write adds.
        let values = [("identity", "ada"), ("camera", "4"), ("time", "2026-01-31T12:00:00Z")]
        #expect(try add("reader", world.person(1), values).status == 403)
        let added = try add("writer", world.person(1), values)
        #expect(added.status == 201, "\(added.text)")
        let entry = JSON(added)["entries"][0]
        #expect(entry["identity"].text == "ada" && entry["camera"].number == 4)
        #expect(entry["time"].text == "2026-01-31T12:00:00Z")
        let id = Int(try #require(entry["id"].number))
        #expect(try add("writer", world.person(1), values).status == 200)
        let face = try add(
            "writer", Array(try #require(FileManager.default.contents(atPath: world.photo))), [], kind: "face"
        )
        #expect(face.status == 200 && JSON(face)["duplicates"].number == 1, "\(face.text)")

        // Who was added by either way is found by the other.
        let hits = JSON(
            try server.post(
                "/v1/search", files: [("image", world.person(1))],
                values: [("kind", "person"), ("camera", "4")], headers: headers["reader"] ?? []))["hits"]
        #expect(hits.count == 1 && hits[0]["entry"]["identity"].text == "ada")
        #expect(abs((hits[0]["similarity"].number ?? 0) - 1) < 1e-4)
        let found = JSON(
            Data(try world.run(["reid", "search", first, "--gallery", world.people, "--json"]).utf8))
        #expect(found["queries"][0]["hits"].count == 2)
        #expect((found["queries"][0]["hits"][0]["similarity"].number ?? 0) > 0.9999)

        let picture = try ask("reader", "GET", "/v1/gallery/person/entries/\(id)/thumbnail")
        #expect(picture.headers["content-type"] == "image/jpeg")
        #expect(try Image.decode(picture.body).height == 128)
        #expect(
            JSON(try ask("reader", "GET", "/v1/gallery/person/entries?identity=ada"))["entries"].count == 1)
        #expect(JSON(try ask("reader", "GET", "/v1/gallery/person/statistics"))["images"].number == 2)

        #expect(try ask("reader", "DELETE", "/v1/gallery/person/entries/\(id)").status == 403)
        let deleted = JSON(try ask("writer", "DELETE", "/v1/gallery/person/entries?identity=ada"))
        #expect(deleted["images"].number == 1 && deleted["isErased"].flag == true)
        #expect(try ask("reader", "GET", "/v1/gallery/person/entries/\(id)").status == 404)
        #expect(try ask("reader", "GET", "/v1/gallery/person/entries/\(id)/thumbnail").status == 404)
        #expect(try ask("writer", "DELETE", "/v1/gallery/person/entries/\(id)").status == 404)

        // Who did it is on record, by the name of the token; only an administrator reads that.
        #expect(try ask("writer", "GET", "/v1/gallery/person/audit").status == 403)
        let records = JSON(try ask("boss", "GET", "/v1/gallery/person/audit"))["records"]
        let acts = (0..<records.count).map {
            "\(records[$0]["actor"].text ?? "") \(records[$0]["action"].text ?? "")"
        }
        let user = ProcessInfo.processInfo.userName
        for act in [
            "\(user) create", "\(user) add", "writer add", "reader search", "reader find", "writer delete",
        ] {
            #expect(acts.contains(act), "\(acts)")
        }
        server.terminate()
        #expect(server.wait() == 0)
    }

    @Test func whatIsOldIsDeletedByItself() throws {
        let world = try World()
        let images = "\(world.folder)/images"
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        for number in 0...1 {
            try Data(world.person(number)).write(to: URL(filePath: "\(images)/\(number).png"))
        }
        let times = "\(world.folder)/times.csv"
        let recent = Date(timeIntervalSinceNow: -86_400).formatted(.iso8601)
        try Data("image,time\n0.png,2020-01-01T00:00:00Z\n1.png,\(recent)\n".utf8)
            .write(to: URL(filePath: times))
        _ = try world.run(["reid", "index", images, "--gallery", world.people, "--times", times])
        let server = try ServeProcess(["--gallery", world.people, "--retention", "30", "--threads", "1"])
        var left = 2.0
        let end = Date(timeIntervalSinceNow: 60)
        while left == 2, Date() < end {
            left = JSON(try server.ask("GET", "/v1/gallery/person/statistics"))["images"].number ?? 0
            usleep(100_000)
        }
        #expect(left == 1)
        #expect(server.errors.contains("retention: deleted 1 entries older than 30"))
        let entries = JSON(try server.ask("GET", "/v1/gallery/person/entries"))["entries"]
        #expect(entries.count == 1 && entries[0]["name"].text == "1.png")
        let store = try GalleryLocation.open(world.people)
        #expect(
            try store.audit(after: 0, limit: 100).contains { $0.actor == "retention" && $0.action == .delete }
        )
    }

    @Test func galleriesThatDoNotFitAreRefused() throws {
        let world = try World()
        _ = try world.run(["faces", "index", world.photo, "--gallery", world.faces])
        let text = "\(world.folder)/text"
        try Data("not a gallery".utf8).write(to: URL(filePath: text))
        let cases: [([String], String, Int32)] = [
            (["--gallery", "\(world.folder)/none"], "make one with 'semblance reid index'", 1),
            (["--gallery", text], "this is no gallery", 1),
            (["--gallery", world.faces, "--gallery", world.faces], "two galleries of kind 'face'", 1),
            (["--gallery", world.faces, "--recogniser", "dlib"], "holds embeddings of sface", 1),
            (["--retention", "30"], "--gallery", 64),
            (["--gallery", world.faces, "--retention", "0"], "above 0", 64),
        ]
        for (options, words, status) in cases {
            let process = try SemblanceProcess(["serve", "--port", "0"] + options)
            #expect(process.status == status, "\(options)")
            #expect(process.errors.contains(words), "\(process.errors)")
        }
    }
}
