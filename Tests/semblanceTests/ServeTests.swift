import Foundation
import HTTP
import Imaging
import Resources
import Synchronization
import TestSupport
import Testing

/// The server as its callers see it, with the models that come with Semblance.
@Suite(.serialized) final class ServeTests {
    private static let folder: String = {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("serve-\(UUID().uuidString)")
            .path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }()

    /// The astronaut, and the same with a mask that the command puts on.
    private static let photos: (clean: [UInt8], masked: [UInt8])? = {
        guard let path = try? ResourceLocator.standard.input("example:astronaut"),
            let clean = FileManager.default.contents(atPath: path)
        else { return nil }
        let masked = "\(folder)/masked.png"
        guard
            let process = try? SemblanceProcess([
                "mask", path, "-o", masked, "--kind", "surgical", "--seed", "7",
            ]),
            process.status == 0, let content = FileManager.default.contents(atPath: masked)
        else { return nil }
        return (Array(clean), Array(content))
    }()

    private let server: ServeProcess
    private let clean: [UInt8]
    private let masked: [UInt8]

    init() throws {
        let photos = try #require(Self.photos)
        (clean, masked) = photos
        server = try ServeProcess(["--threads", "1"])
    }

    @Test func unmaskIsWhatTheCommandDoes() throws {
        let out = "\(Self.folder)/out"
        let command = try SemblanceProcess(
            ["unmask", "\(Self.folder)/masked.png", "-o", out, "--json", "--threads", "1"])
        #expect(command.status == 0)
        let expected = try Image.read("\(out)/masked.png")
        let reply = try server.ask(
            "POST", "/v1/unmask", headers: [("Content-Type", "image/png"), ("Accept", "image/png")],
            body: masked)
        #expect(reply.status == 200)
        #expect(reply.headers["content-type"] == "image/png")
        #expect(try Image.decode(reply.body) == expected)

        let report = JSON(
            try server.post(
                "/v1/unmask", files: [("image", masked)],
                values: [("outline", "true"), ("similarity", "true"), ("format", "jpeg")]))
        let told = JSON(Data(command.output.utf8))[0]["faces"]
        #expect(report["faces"].count == 1 && told.count == 1)
        let face = report["faces"][0]
        #expect(face["masked"].flag == true)
        #expect(abs((face["maskShare"].number ?? 0) - (told[0]["maskShare"].number ?? 1)) < 1e-9)
        #expect(face["box"].numbers == told[0]["box"].numbers)
        let similarity = try #require(face["similarity"].number)
        #expect(similarity > 0.2 && similarity < 0.999)
        // The outline lies around the box's lower half.
        let outline = face["outline"][0]
        #expect(outline.count > 40)
        let box = face["box"].numbers
        let points = (0..<outline.count).map { outline[$0].numbers }
        #expect(
            points.allSatisfy {
                $0[0] > box[0] - box[2] * 0.3 && $0[0] < box[0] + box[2] * 1.3 && $0[1] > box[1]
            })
        let data = try #require(report["image"]["data"].text.flatMap { Data(base64Encoded: $0) })
        let picture = try Image.decode(Array(data))
        #expect(ImageFormat(of: Array(data)) == .jpeg && picture.width == expected.width)
    }

    @Test func facesWithoutMasksAreLeftAlone() throws {
        let reply = try server.ask(
            "POST", "/v1/unmask", headers: [("Content-Type", "image/png"), ("Accept", "image/png")],
            body: clean)
        #expect(try Image.decode(reply.body) == Image.decode(clean).rgb())
    }

    @Test func verifyIsWhatTheCommandDoes() throws {
        try Data(clean).write(to: URL(fileURLWithPath: "\(Self.folder)/clean.png"))
        for unmask in [false, true] {
            let command = try SemblanceProcess(
                [
                    "verify", "\(Self.folder)/clean.png", "\(Self.folder)/masked.png", "--json", "--threads",
                    "1",
                ] + (unmask ? ["--unmask"] : []))
            let expected = JSON(Data(command.output.utf8))
            let found = JSON(
                try server.post(
                    "/v1/verify", files: [("first", clean), ("second", masked)],
                    values: [("unmask", "\(unmask)")]))
            for name in ["similarity", "threshold", "far"] {
                let (a, b) = (try #require(found[name].number), try #require(expected[name].number))
                #expect(abs(a - b) < 1e-4, "\(name)")
            }
            #expect(found["same"].flag == expected["same"].flag)
            #expect(found["probe"].text == expected["probe"].text)
            #expect(found["unmasked"][1].flag == unmask)
        }
    }

    @Test func embeddingsHaveUnitLengthAndSayTheirModel() throws {
        for (kind, dimension) in [("face", 128), ("person", 1280)] {
            let report = JSON(
                try server.post("/v1/embed", files: [("image", clean)], values: [("kind", kind)]))
            let values = report["embeddings"][0]["embedding"].numbers
            #expect(values.count == dimension)
            #expect(report["model"]["dimension"].number == Double(dimension))
            #expect(abs(values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
        }
        // A person's image is embedded as `embed person` does.
        let feature = "\(Self.folder)/feature.safetensors"
        try Data(clean).write(to: URL(fileURLWithPath: "\(Self.folder)/clean.png"))
        #expect(
            try SemblanceProcess([
                "embed", "person", "\(Self.folder)/clean.png", "-o", feature, "--threads", "1",
            ]).status == 0)
        let expected = try FeatureFileReader.first(feature)
        let report = JSON(
            try server.ask(
                "POST", "/v1/embed?kind=person", headers: [("Content-Type", "image/png")], body: clean))
        let found = report["embeddings"][0]["embedding"].numbers
        #expect(expected.count == found.count)
        #expect(zip(expected, found).allSatisfy { abs(Double($0) - $1) < 1e-4 })
        #expect(report["embeddings"][0]["attributes"]["gender"].text != nil)
    }

    @Test func concurrentRequestsShareForwardPasses() throws {
        let alone = JSON(
            try server.post("/v1/embed", files: [("image", clean)], values: [("kind", "person")]))
        let expected = alone["embeddings"][0]["embedding"].numbers
        let outcomes = Mutex<[Bool]>([])
        let group = DispatchGroup()
        let (port, form) = (
            server.port, ServeProcess.form(files: [("image", clean)], values: [("kind", "person")])
        )
        for _ in 0..<12 {
            group.enter()
            Thread {
                let reply = try? RawClient.ask(
                    port, "POST", "/v1/embed", headers: form.headers, body: form.body, timeout: 120)
                let found = reply.map { JSON($0)["embeddings"][0]["embedding"].numbers } ?? []
                let isRight =
                    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 }
                outcomes.withLock { $0.append(isRight) }
                group.leave()
            }.start()
        }
        group.wait()
        #expect(outcomes.withLock { $0 } == [Bool](repeating: true, count: 12))
        let metrics = try server.ask("GET", "/metrics").text
        let lines = metrics.split(separator: "\n")
        func value(_ prefix: String) -> Double {
            lines.first { $0.hasPrefix(prefix) }.flatMap { Double($0.split(separator: " ").last ?? "") } ?? -1
        }
        #expect(value("semblance_batch_size_sum{model=\"person\"}") == 13)
        #expect(value("semblance_batch_size_count{model=\"person\"}") < 13)
        #expect(value("semblance_requests_total{route=\"/v1/embed\",method=\"POST\",status=\"200\"}") == 13)
        #expect(value("process_resident_memory_bytes") > 1e7)
    }

    @Test func badRequestsAreExplained() throws {
        // A JPEG whose header promises 60,000 x 60,000 pixels.
        var bomb = try Image(width: 16, height: 16, channels: 3).encodeJPEG()
        let frame = try #require(bomb.firstRange(of: [0xFF, 0xC0])).lowerBound
        bomb.replaceSubrange((frame + 5)..<(frame + 9), with: [0xEA, 0x60, 0xEA, 0x60])
        let blank = try Image(width: 64, height: 64, channels: 3, fill: 90).encodePNG()
        let png = [("Content-Type", "image/png")]
        let cases: [(String, [(String, String)], [UInt8], Int, String)] = [
            ("/v1/unmask", [], [], 400, "missing"), ("/v1/unmask", png, blank, 422, "no face"),
            ("/v1/unmask", png, [1, 2, 3], 422, "JPEG"), ("/v1/unmask", png, bomb, 413, "image"),
            ("/v1/unmask", png, Array(clean.prefix(5000)), 422, "image"),
            ("/v1/unmask", [("Content-Type", "text/plain")], [1], 415, "multipart"),
            ("/v1/unmask", [], [1], 415, "multipart"),
            ("/v1/unmask?colour=red", png, clean, 400, "colour"),
            ("/v1/unmask?format=gif", png, clean, 400, "png, jpeg"),
            ("/v1/unmask", png + [("Accept", "text/html")], clean, 406, "image/png"),
            ("/v1/embed", png, clean, 400, "kind"), ("/v1/embed?kind=dog", png, clean, 400, "face"),
            ("/v1/embed?kind=person&unmask=true", png, clean, 400, "faces"),
            ("/v1/verify", png, clean, 415, "first"), ("/v1/search?kind=person", png, clean, 404, "gallery"),
            ("/v1/search", [], [], 400, "kind"),
        ]
        for (target, headers, body, status, words) in cases {
            let reply = try server.ask("POST", target, headers: headers, body: body)
            #expect(reply.status == status, "\(target): \(reply.text)")
            #expect(JSON(reply)["detail"].text?.contains(words) == true, "\(target): \(reply.text)")
        }
        let far = try server.post(
            "/v1/verify", files: [("first", clean), ("second", clean)], values: [("far", "0.123")])
        #expect(far.status == 422 && far.text.contains("0.001"))
        #expect(server.errors.contains("warning") == false)
    }

    @Test func pageAndDescriptionAreServed() throws {
        let page = try server.ask("GET", "/")
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        // Nothing comes from elsewhere, and no script or style stands in the page itself.
        for text in ["http://", "https://", "<style", "style=", "onclick", "<script>"] {
            #expect(!page.text.contains(text))
        }
        for path in ["/style.css", "/app.js", "/icon.svg"] {
            #expect(try server.ask("GET", path).status == 200)
        }
        #expect(JSON(try server.ask("GET", "/openapi.json"))["openapi"].text == "3.1.0")
        #expect(JSON(try server.ask("GET", "/healthz"))["status"].text == "ok")
    }

    @Test func signalFinishesWhatWasTaken() throws {
        func busyWorkers() throws -> Double {
            let line = try server.ask("GET", "/metrics").text.split(separator: "\n")
                .first { $0.hasPrefix("semblance_workers_busy ") }
            return try #require(Double(line?.split(separator: " ").last ?? ""))
        }
        // Reading the metrics may itself keep a worker busy.
        let idle = try busyWorkers()
        let client = try RawClient(port: server.port, timeout: 60)
        client.send(
            RawClient.request(
                "POST", "/v1/unmask", headers: [("Content-Type", "image/png"), ("Accept", "image/png")],
                body: masked))
        // The photo is taken, and on no machine finished yet, as soon as a worker begins with it.
        for _ in 0..<5000 {
            if try busyWorkers() > idle { break }
            usleep(1000)
        }
        server.terminate()
        let reply = try client.reply()
        #expect(reply.status == 200 && reply.headers["connection"]?.lowercased() == "close")
        #expect(server.wait() == 0)
        #expect(server.errors.contains("\"status\":200"))
    }

    @Test func uploadsAreNotWritten() throws {
        let before = try Set(FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory()))
        _ = try server.post("/v1/unmask", files: [("image", masked)])
        let after = try Set(FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory()))
        // Other tests make folders of their own; a server's file would hold the photo.
        for name in after.subtracting(before) {
            let content = FileManager.default.contents(atPath: NSTemporaryDirectory() + name)
            #expect(content?.count != masked.count)
        }
        #expect(!server.errors.contains("masked"))
    }

    /// Broken photos and forms, while another client is served.
    @Test func hostilePhotosHarmNobody() throws {
        let port = server.port
        let state = Mutex<(isDone: Bool, served: Int, failed: [String])>((false, 0, []))
        let ended = DispatchSemaphore(value: 0)
        let body = clean
        Thread {
            while !state.withLock({ $0.isDone }) {
                let reply = try? RawClient.ask(
                    port, "POST", "/v1/embed?kind=person", headers: [("Content-Type", "image/png")],
                    body: body, timeout: 60)
                state.withLock {
                    if reply?.status == 200 {
                        $0.served += 1
                    } else {
                        $0.failed.append(reply?.text ?? "no answer")
                    }
                }
            }
            ended.signal()
        }.start()
        let seed = UInt64.random(in: 0...(.max))
        var random = seed
        func next(_ count: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % UInt64(count))
        }
        let small = try Image.decode(clean).rgb().resized(width: 96, height: 96)
        let kinds = [try small.encodePNG(), try small.encodeJPEG(), try small.encodeWebP()]
        for round in 0..<120 {
            var photo = kinds[round % 3]
            for _ in 0...next(6) { photo[next(photo.count)] = UInt8(next(256)) }
            if next(4) == 0 { photo = Array(photo.prefix(next(photo.count))) }
            let reply = try server.post(
                "/v1/embed", files: [("image", photo)], values: [("kind", next(2) == 0 ? "face" : "person")])
            #expect([200, 400, 413, 422, 503].contains(reply.status), "seed \(seed): \(reply.text)")
        }
        state.withLock { $0.isDone = true }
        ended.wait()
        let (_, served, failed) = state.withLock { $0 }
        #expect(failed == [] && served > 5, "seed \(seed)")
        #expect(server.isRunning)
    }
}

/// Set-ups that cannot work end at once, with a reason.
@Suite struct ServeSetupTests {
    @Test(arguments: [
        (["--host", "0.0.0.0"], "tokens", 1), (["--host", "example.org"], "no address", 1),
        (["--certificate", "x.pem"], "go together", 64),
        (["--tokens", "/nowhere/tokens.json"], "cannot be read", 1),
        (["--certificate", "/nowhere/c.pem", "--key", "/nowhere/k.pem"], "cannot be read", 1),
        (["--port", "70000"], "out of range", 64),
        (["--model", "/nowhere/m.safetensors"], "/nowhere/m.safetensors", 1),
    ]) func areRefused(_ options: [String], _ words: String, _ status: Int32) throws {
        let process = try SemblanceProcess(["serve", "--port", "0"] + options)
        #expect(process.status == status)
        #expect(process.errors.contains(words), "\(process.errors)")
    }

    @Test func tokensAreMadeListedAndRemoved() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
            .path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let added = try SemblanceProcess([
            "serve", "token", "add", "alice", "--access", "write", "--tokens", file,
        ])
        #expect(added.status == 0 && added.output.hasPrefix("smb_"))
        let list = try SemblanceProcess(["serve", "token", "list", "--tokens", file])
        #expect(list.output.hasPrefix("alice\twrite\t20"))
        #expect(!list.output.contains(added.output.dropLast()))
        #expect(try SemblanceProcess(["serve", "token", "add", "alice", "--tokens", file]).status == 1)
        #expect(try SemblanceProcess(["serve", "token", "remove", "alice", "--tokens", file]).status == 0)
        #expect(try SemblanceProcess(["serve", "token", "list", "--tokens", file]).output == "")
    }
}
