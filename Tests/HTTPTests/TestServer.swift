import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

/// A server with routes of every sort, and what happened in it.
final class TestServer {
    /// Lines of the access log, and events in handlers.
    final class Record: Sendable {
        private let state = Mutex<(lines: [AccessLog.Line], events: [String])>(([], []))

        func add(_ line: AccessLog.Line) { state.withLock { $0.lines.append(line) } }
        func add(_ event: String) { state.withLock { $0.events.append(event) } }
        var lines: [AccessLog.Line] { state.withLock { $0.lines } }
        var events: [String] { state.withLock { $0.events } }

        func waits(for event: String, seconds: Double = 5) -> Bool {
            let end = Date(timeIntervalSinceNow: seconds)
            while Date() < end {
                if events.contains(event) { return true }
                usleep(10_000)
            }
            return false
        }

        func waits(lines count: Int, seconds: Double = 5) -> Bool {
            let end = Date(timeIntervalSinceNow: seconds)
            while Date() < end {
                if lines.count >= count { return true }
                usleep(10_000)
            }
            return false
        }
    }

    let server: HTTPServer
    let port: UInt16
    let record = Record()
    let metrics = Metrics()
    private var isStopped = false

    init(
        tokens: TokenFile? = nil, certificate: TLSCertificate? = nil, address: String = "127.0.0.1",
        limits: (inout ServerLimits) -> Void = { _ in }
    ) throws {
        var configuration = ServerConfiguration(address: try ListenAddress(host: address, port: 0))
        configuration.certificate = certificate
        configuration.limits.grace = 5
        limits(&configuration.limits)
        let record = record
        let routes = [
            Route(.get, "/ready", access: nil, execution: .immediate) { _ in .text("ready") },
            Route(.get, "/hello/{name}", access: .read) { request in
                .text("hello \(request.parameters["name"] ?? "") \(request.caller.name)")
            },
            Route(.post, "/echo", access: .read, maximumBody: 100_000) { request in
                Response(type: "application/octet-stream", body: request.body)
            },
            Route(.post, "/form", access: .read, maximumBody: 1 << 20) { request in
                guard let type = try request.mediaType(), let boundary = type.parameters["boundary"] else {
                    throw HTTPProblem.badRequest("no form")
                }
                let form = try MultipartForm(request.body, boundary: boundary)
                let lines = form.parts.map { part in
                    let sum = form.content(part).reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
                    return
                        "\(part.name)|\(part.fileName ?? "-")|\(part.type?.name ?? "-")|\(part.range.count)|\(sum)"
                }
                return .text(lines.joined(separator: "\n"))
            },
            Route(.post, "/secret", access: .write, maximumBody: 100) { _ in .text("written") },
            Route(.get, "/slow", access: .read) { request in
                record.add("slow began")
                for _ in 0..<200 {
                    do throws(RequestCancellation.Reason) { try request.cancellation.check() } catch {
                        record.add("slow ended: \(error)")
                        throw error
                    }
                    usleep(10_000)
                }
                record.add("slow finished")
                return .text("slow")
            },
            Route(.get, "/broken", access: .read) { _ in throw RawClient.Failure(reason: "a secret reason") },
        ]
        server = try HTTPServer(
            configuration, router: Router(routes), authenticator: Authenticator(tokens), metrics: metrics,
            log: AccessLog { record.add($0) }, complain: { record.add("complaint: \($0)") })
        port = try server.start()
    }

    func stop() {
        guard !isStopped else { return }
        isStopped = true
        server.stop()
    }

    deinit { stop() }
}

/// A folder that is gone after the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Runs a program and returns what it printed.
func output(of arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw RawClient.Failure(reason: "\(arguments[0]) ended with \(process.terminationStatus)")
    }
    return String(decoding: data, as: UTF8.self)
}
