import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

@Suite struct ServerTests {
    @Test func requestsAreAnswered() throws {
        let server = try TestServer()
        let client = try RawClient(port: server.port)
        // Several on one connection, the last two sent at once.
        client.send(RawClient.request("GET", "/hello/w%C3%B6rld"))
        let hello = try client.reply()
        #expect(hello.status == 200)
        #expect(hello.text == "hello wörld local")
        let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        client.send(RawClient.request("POST", "/echo", body: bytes))
        #expect(try client.reply().body == bytes)
        client.send(
            RawClient.request("HEAD", "/ready") + RawClient.request("GET", "/ready"))
        let head = try client.reply(hasBody: false)
        #expect(head.status == 200 && head.headers["content-length"] == "5")
        #expect(try client.reply().text == "ready")
        client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n")
        #expect(try client.reply().text == "hello world")
    }

    @Test func everyAnswerIsGuarded() throws {
        let server = try TestServer()
        for (method, target, status) in [
            ("GET", "/ready", 200), ("GET", "/nothing", 404), ("POST", "/ready", 405),
            ("GET", "/broken", 500),
            ("TRACE", "/ready", 405), ("GET", "/%2e%2e/%2e%2e/etc/passwd", 400),
        ] {
            let reply = try RawClient.ask(server.port, method, target)
            #expect(reply.status == status, "\(method) \(target)")
            #expect(reply.headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
            #expect(reply.headers["content-security-policy"]?.contains("unsafe") == false)
            #expect(reply.headers["x-content-type-options"] == "nosniff")
            #expect(reply.headers["referrer-policy"] == "no-referrer")
            #expect(reply.headers["cache-control"] == "no-store")
            #expect(reply.headers["set-cookie"] == nil)
            if status >= 400 { #expect(reply.headers["content-type"] == "application/problem+json") }
        }
        // What went wrong inside is told to the operator, not to the caller.
        let broken = try RawClient.ask(server.port, "GET", "/broken")
        #expect(!broken.text.contains("secret"))
        #expect(server.record.events.contains { $0.contains("a secret reason") })
        #expect(try RawClient.ask(server.port, "GET", "/ready", host: "evil.example").status == 421)
        let foreign = try RawClient.ask(
            server.port, "GET", "/ready", headers: [("Origin", "http://evil.example")])
        #expect(foreign.status == 403)
    }

    @Test func largeBodiesAreRefused() throws {
        let server = try TestServer()
        let body = [UInt8](repeating: 65, count: 100_001)
        #expect(try RawClient.ask(server.port, "POST", "/echo", body: body).status == 413)
        #expect(try RawClient.ask(server.port, "POST", "/secret", body: body).status == 413)
        #expect(try RawClient.ask(server.port, "GET", "/ready", body: [65]).status == 400)
        // Announced but never sent: the answer comes at once.
        let client = try RawClient(port: server.port)
        client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n")
        #expect(try client.reply().status == 413)
        // Not announced.
        let chunked = try RawClient(port: server.port)
        chunked.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<3 {
            chunked.send(Array("c350\r\n".utf8) + [UInt8](repeating: 66, count: 50_000) + [13, 10])
        }
        chunked.send("0\r\n\r\n")
        #expect(try chunked.reply().status == 413)
        let endless = try RawClient(port: server.port)
        endless.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        var isOpen = true
        for _ in 0..<100 where isOpen {
            isOpen = endless.send(Array("c350\r\n".utf8) + [UInt8](repeating: 66, count: 50_000) + [13, 10])
        }
        #expect(!isOpen || endless.isClosed(within: 2))
        let zipped = try RawClient.ask(
            server.port, "POST", "/echo", headers: [("Content-Encoding", "gzip")], body: [1, 2])
        #expect(zipped.status == 415)
    }

    @Test func bodiesShareOneBudget() throws {
        let server = try TestServer { $0.bodyMemory = 100_000 }
        let first = try RawClient(port: server.port)
        first.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\nbegin")
        // Until its headers were seen.
        usleep(200_000)
        let second = try RawClient.ask(
            server.port, "POST", "/echo", body: [UInt8](repeating: 1, count: 60_000))
        #expect(second.status == 503)
        #expect(second.headers["retry-after"] != nil)
        first.send([UInt8](repeating: 65, count: 60_000 - 5))
        #expect(try first.reply().status == 200)
        let third = try RawClient.ask(
            server.port, "POST", "/echo", body: [UInt8](repeating: 1, count: 60_000))
        #expect(third.status == 200)
    }

    @Test func fullQueueIsRefusedWithRetryAfter() throws {
        let server = try TestServer {
            $0.workers = 1
            $0.queue = 2
        }
        let clients = try (0..<3).map { _ in
            let client = try RawClient(port: server.port)
            client.send(RawClient.request("GET", "/slow"))
            usleep(50_000)
            return client
        }
        let refused = try RawClient.ask(server.port, "GET", "/slow")
        #expect(refused.status == 503)
        #expect(refused.headers["retry-after"] == "1")
        // What needs no worker is still answered.
        #expect(try RawClient.ask(server.port, "GET", "/ready").status == 200)
        let metrics = server.metrics.text()
        #expect(metrics.contains("semblance_queue_length 2\n"))
        #expect(metrics.contains("semblance_workers_busy 1\n"))
        for client in clients { #expect(try client.reply().text == "slow") }
    }

    @Test func workStopsWhenTheClientGoes() throws {
        let server = try TestServer { $0.workers = 1 }
        var client: RawClient? = try RawClient(port: server.port)
        client?.send(RawClient.request("GET", "/slow"))
        #expect(server.record.waits(for: "slow began"))
        // One that still waits when its client goes is never begun.
        var waiting: RawClient? = try RawClient(port: server.port)
        waiting?.send(RawClient.request("GET", "/slow"))
        usleep(50_000)
        waiting = nil
        client = nil
        _ = (client, waiting)
        #expect(server.record.waits(for: "slow ended: clientGone"))
        #expect(server.record.waits(lines: 2))
        usleep(300_000)
        #expect(server.record.events == ["slow began", "slow ended: clientGone"])
    }

    @Test func workHasATimeLimit() throws {
        let server = try TestServer { $0.work = 0.3 }
        let reply = try RawClient.ask(server.port, "GET", "/slow")
        #expect(reply.status == 504)
        #expect(server.record.waits(for: "slow ended: timeLimit"))
    }

    @Test func slowClientsAreCutOffWhileOthersAreServed() throws {
        let server = try TestServer { $0.transfer = 0.6 }
        let dripping = try (0..<20).map { number in
            let client = try RawClient(port: server.port)
            client.send(
                number % 2 == 0
                    ? "GET /ready HTTP/1.1\r\nHost: loc"
                    : "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
            return client
        }
        let start = Date()
        while Date().timeIntervalSince(start) < 0.5 {
            for client in dripping { client.send("a") }
            #expect(try RawClient.ask(server.port, "GET", "/hello/x").status == 200)
            usleep(20_000)
        }
        for client in dripping { #expect(client.isClosed(within: 2)) }
        #expect(try RawClient.ask(server.port, "GET", "/hello/x").status == 200)
    }

    @Test func silentConnectionsAreClosed() throws {
        let server = try TestServer { $0.idle = 1 }
        let client = try RawClient(port: server.port)
        #expect(client.isClosed(within: 4))
    }

    @Test func stoppingFinishesWhatWasTaken() throws {
        let server = try TestServer { $0.workers = 2 }
        let clients = try (0..<3).map { _ in
            let client = try RawClient(port: server.port)
            client.send(RawClient.request("GET", "/slow"))
            return client
        }
        let late = try RawClient(port: server.port)
        late.send(RawClient.request("GET", "/ready"))
        #expect(try late.reply().status == 200)
        #expect(server.record.waits(for: "slow began"))
        usleep(100_000)
        let server2 = server.server
        let stopping = Thread { server2.stop() }
        stopping.start()
        while !server2.isStopping { usleep(1000) }
        usleep(50_000)
        #expect(throws: RawClient.Failure.self) { try RawClient.ask(server.port, "GET", "/ready") }
        late.send(RawClient.request("GET", "/hello/x"))
        #expect(try late.reply().status == 503)
        for client in clients {
            let reply = try client.reply()
            #expect(reply.status == 200 && reply.text == "slow")
            #expect(reply.headers["connection"]?.lowercased() == "close")
        }
        server.stop()
    }

    @Test func stoppingDoesNotWaitForever() throws {
        let server = try TestServer { $0.grace = 0.2 }
        let client = try RawClient(port: server.port)
        client.send(RawClient.request("GET", "/slow"))
        #expect(server.record.waits(for: "slow began"))
        let start = Date()
        server.stop()
        #expect(Date().timeIntervalSince(start) < 2)
        #expect(try client.reply().status == 503)
        #expect(server.record.waits(for: "slow ended: shutdown"))
    }

    @Test func rightsAreAsked() throws {
        let folder = try TemporaryFolder()
        let file = TokenFile(folder.path + "/tokens.json")
        let reader = try file.add(name: "reader", access: .read)
        let writer = try file.add(name: "writer", access: .write)
        let server = try TestServer(tokens: file)
        func ask(_ method: String, _ target: String, _ token: String?, body: [UInt8] = []) throws -> Int {
            try RawClient.ask(
                server.port, method, target, headers: token.map { [("Authorization", "Bearer \($0)")] } ?? [],
                body: body
            ).status
        }
        #expect(try ask("GET", "/ready", nil) == 200)
        #expect(try ask("GET", "/hello/x", nil) == 401)
        #expect(try ask("GET", "/hello/x", "wrong") == 401)
        #expect(try ask("GET", "/hello/x", reader) == 200)
        #expect(try ask("POST", "/secret", reader, body: [1]) == 403)
        #expect(try ask("POST", "/secret", writer, body: [1]) == 200)
        // An unknown caller learns before sending anything.
        let client = try RawClient(port: server.port)
        client.send(
            "POST /secret HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n")
        client.send([UInt8](repeating: 1, count: 50))
        #expect(try client.reply().status == 401)
        #expect(server.record.waits(lines: 7))
        let line = try #require(server.record.lines.first { $0.caller == "writer" })
        #expect(
            line.method == "POST" && line.route == "/secret" && line.status == 200 && line.peer == "127.0.0.1"
        )
        #expect(line.received == 1 && line.outcome == "done")
    }

    @Test func logsHoldNoNames() throws {
        let server = try TestServer()
        _ = try RawClient.ask(server.port, "GET", "/hello/Jane%20Doe?identity=Jane")
        #expect(server.record.waits(lines: 1))
        let encoded = String(decoding: try JSONEncoder().encode(server.record.lines), as: UTF8.self)
        #expect(!encoded.contains("Jane"))
        let metrics = server.metrics.text()
        #expect(!metrics.contains("Jane"))
        #expect(
            metrics.contains(
                "semblance_requests_total{route=\"/hello/{name}\",method=\"GET\",status=\"200\"} 1"))
        #expect(metrics.contains("semblance_request_seconds_count{route=\"/hello/{name}\"} 1"))
    }

    /// An encoder that is not ours writes the form.
    @Test(.enabled(if: (try? output(of: ["curl", "--version"])) != nil)) func curlFormsAreRead() throws {
        let server = try TestServer()
        let folder = try TemporaryFolder()
        let bytes = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 131 >> 3) }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/photo \"1\".png"))
        let text = try output(of: [
            "curl", "-s", "-F", "image=@\(folder.path)/photo \"1\".png", "-F", "note=grüße", "-F",
            "raw=1;type=text/plain", "http://127.0.0.1:\(server.port)/form",
        ])
        let sum = bytes.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
        let lines = text.split(separator: "\n").map(String.init)
        try #require(lines.count == 3)
        #expect(lines[0].hasPrefix("image|photo ") && lines[0].hasSuffix("|image/png|50000|\(sum)"))
        #expect(lines[1].hasPrefix("note|-|-|7|"))
        #expect(lines[2].hasPrefix("raw|-|text/plain|1|"))
    }

    @Test(.enabled(if: (try? output(of: ["sh", "-c", "openssl version && curl --version"])) != nil))
    func tlsIsSpoken() throws {
        let folder = try TemporaryFolder()
        let (key, certificate) = (folder.path + "/key.pem", folder.path + "/cert.pem")
        _ = try output(of: [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        ])
        let server = try TestServer(
            certificate: try TLSCertificate(certificatePath: certificate, keyPath: key))
        let url = "https://localhost:\(server.port)/hello/tls"
        #expect(try output(of: ["curl", "-s", "--cacert", certificate, url]) == "hello tls local")
        // Old versions of TLS are not spoken, and plain HTTP is not answered.
        #expect(throws: RawClient.Failure.self) {
            try output(of: ["curl", "-s", "--cacert", certificate, "--tls-max", "1.1", url])
        }
        #expect(throws: RawClient.Failure.self) { try RawClient.ask(server.port, "GET", "/ready") }
        #expect(throws: ServerError.self) {
            try TLSCertificate(certificatePath: key, keyPath: key)
        }
        #expect(throws: ServerError.self) {
            try TLSCertificate(certificatePath: folder.path + "/none", keyPath: key)
        }
        let other = folder.path + "/other.pem"
        _ = try output(of: ["openssl", "genpkey", "-algorithm", "RSA", "-out", other])
        #expect(throws: ServerError.self) {
            try TestServer(certificate: try TLSCertificate(certificatePath: certificate, keyPath: other))
        }
    }

    @Test func takenPortIsAnError() throws {
        let server = try TestServer()
        let configuration = ServerConfiguration(
            address: try ListenAddress(host: "127.0.0.1", port: server.port))
        let second = try HTTPServer(
            configuration, router: Router([]), authenticator: Authenticator(nil))
        #expect { try second.start() } throws: { error in
            guard case .listen(_, let reason)? = error as? ServerError else { return false }
            return reason.contains("in use")
        }
    }
}
