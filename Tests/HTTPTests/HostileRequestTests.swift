import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

/// Requests that mean harm, while another client is served all the time.
@Suite struct HostileRequestTests {
    @Test func hostileRequestsHarmNobody() throws {
        let server = try TestServer {
            $0.idle = 1
            $0.transfer = 2
        }
        let port = server.port
        let state = Mutex<(isDone: Bool, served: Int, failed: [String])>((false, 0, []))
        let served = DispatchSemaphore(value: 0)
        Thread {
            while !state.withLock({ $0.isDone }) {
                do {
                    let reply = try RawClient.ask(port, "POST", "/echo", body: [1, 2, 3])
                    state.withLock {
                        if reply.status == 200, reply.body == [1, 2, 3] {
                            $0.served += 1
                        } else {
                            $0.failed.append("\(reply.status)")
                        }
                    }
                } catch {
                    state.withLock { $0.failed.append("\(error)") }
                }
                usleep(2000)
            }
            served.signal()
        }.start()
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...(.max), using: &random)
        var maker = HostileRequests(seed: seed)
        var open: [RawClient] = []
        for _ in 0..<300 {
            let client = try RawClient(port: port, timeout: 1)
            client.send(maker.next())
            // Some hang up at once, some wait for an answer, some stay and say nothing.
            switch maker.choice(12) {
            case 0: _ = try? client.reply()
            case 1...3: open.append(client)
            default: break
            }
        }
        open.removeAll()
        #expect(try RawClient.ask(port, "GET", "/ready").status == 200)
        state.withLock { $0.isDone = true }
        served.wait()
        let (_, count, failed) = state.withLock { $0 }
        #expect(failed.isEmpty, "seed \(seed)")
        #expect(count > 20)
        #expect(server.record.events == [], "seed \(seed)")
    }
}

/// Broken and malicious requests of many kinds.
struct HostileRequests {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    private mutating func word() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func choice(_ count: Int) -> Int { Int(word() % UInt64(count)) }

    private mutating func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: word()) }
    }

    mutating func next() -> [UInt8] {
        let form =
            "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\u{1}\u{2}\r\n--b--\r\n"
        let valid = RawClient.request(
            "POST", "/form", headers: [("Content-Type", "multipart/form-data; boundary=b")],
            body: Array(form.utf8))
        switch choice(12) {
        case 0: return noise(1 + choice(2000))
        case 1:  // A valid request with some bytes changed.
            var bytes = valid
            for _ in 0...choice(8) { bytes[choice(bytes.count)] = UInt8(truncatingIfNeeded: word()) }
            return bytes
        case 2: return Array(valid.prefix(choice(valid.count)))
        case 3: return RawClient.request("GET", "/" + String(repeating: "%2e%2e/", count: 1 + choice(2000)))
        case 4:
            return RawClient.request(
                "GET", "/ready", headers: (0..<(1 + choice(500))).map { ("X-\($0)", "y") })
        case 5:
            return Array(
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(word())\r\n\r\n".utf8)
        case 6:
            return Array(
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nffffffffffffffff\r\nx"
                    .utf8)
        case 7: return RawClient.request("GET", "/hello/x", headers: [("Host", "evil.example")])
        case 8:
            return RawClient.request(
                ["get", "OPTIONS", "TRACE", "CONNECT", "\u{0}", "GET\tGET"][choice(6)], "/ready")
        case 9:
            return RawClient.request(
                "POST", "/form",
                headers: [
                    (
                        "Content-Type",
                        "multipart/form-data; boundary=\"" + String(repeating: "b", count: choice(200))
                    )
                ],
                body: noise(1 + choice(5000)))
        case 10:
            return RawClient.request(
                "POST", "/form", headers: [("Content-Type", "multipart/form-data; boundary=b")],
                body: Array(String(repeating: "--b\r\n\r\n", count: 1 + choice(2000)).utf8))
        default:
            return RawClient.request(
                "GET", "/hello/x",
                headers: [("Authorization", "Bearer " + String(repeating: "A", count: choice(30_000)))])
        }
    }
}
