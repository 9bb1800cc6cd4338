import Foundation

/// A connection that sends exactly the bytes it is told to.
package final class RawClient {
    package struct Failure: Error {
        package var reason: String

        package init(reason: String) { self.reason = reason }
    }

    /// An answer, taken apart.
    package struct Reply: Equatable, Sendable {
        package let status: Int
        package let headers: [String: String]
        package let body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    package let descriptor: Int32
    private var buffer: [UInt8] = []

    package init(port: UInt16, timeout: Int = 10) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    /// - Returns: false when the other end has closed.
    @discardableResult package func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(
                    descriptor, $0.baseAddress! + offset, $0.count - offset, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    @discardableResult package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// One more piece; empty when the other end has closed.
    private func receive() throws -> Bool {
        var piece = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count < 0, errno == ECONNRESET { return false }
        guard count >= 0 else { throw Failure(reason: "no answer: \(String(cString: strerror(errno)))") }
        buffer += piece.prefix(count)
        return count > 0
    }

    /// Reads one answer.
    package func reply(hasBody: Bool = true) throws -> Reply {
        while true {
            while buffer.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
                guard try receive() else { throw Failure(reason: "closed without an answer") }
            }
            guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(
                separatedBy: "\r\n")
            buffer.removeFirst(end.upperBound)
            let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
            if status == 100 { continue }
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let sides = line.split(separator: ":", maxSplits: 1)
                headers[sides[0].lowercased()] =
                    sides.count == 2 ? sides[1].trimmingCharacters(in: .whitespaces) : ""
            }
            let length = hasBody ? Int(headers["content-length"] ?? "0") ?? 0 : 0
            while buffer.count < length {
                guard try receive() else { throw Failure(reason: "closed in the middle of an answer") }
            }
            let body = Array(buffer.prefix(length))
            buffer.removeFirst(length)
            return Reply(status: status, headers: headers, body: body)
        }
    }

    /// Whether the other end closes before the time is over.
    package func isClosed(within seconds: Double) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, 50) > 0 {
                guard let isOpen = try? receive(), isOpen else { return true }
            }
        }
        return false
    }

    package static func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8] = [],
        host: String = "localhost"
    ) -> [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.count)\r\n" }
        return Array((text + "\r\n").utf8) + body
    }

    /// A request of its own connection.
    package static func ask(
        _ port: UInt16, _ method: String = "GET", _ target: String, headers: [(String, String)] = [],
        body: [UInt8] = [], host: String = "localhost", timeout: Int = 10
    ) throws -> Reply {
        let client = try RawClient(port: port, timeout: timeout)
        client.send(request(method, target, headers: headers, body: body, host: host))
        return try client.reply(hasBody: method != "HEAD")
    }
}
