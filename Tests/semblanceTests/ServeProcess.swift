import Foundation
import TestSupport

/// A running `semblance serve`, ended with the test.
final class ServeProcess {
    let port: UInt16
    private let process = Process()
    private let folder: URL

    /// What it wrote to standard error so far.
    var errors: String {
        (try? String(contentsOf: folder.appendingPathComponent("errors"), encoding: .utf8)) ?? ""
    }

    init(_ arguments: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let log = folder.appendingPathComponent("errors")
        try Data().write(to: log)
        // Ended with the test run, however that ends.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["setpriv", "--pdeathsig", "KILL", SemblanceProcess.binary.path, "serve", "--port", "0"]
            + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: log)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var found: UInt16?
        let end = Date(timeIntervalSinceNow: 120)
        while found == nil, process.isRunning, Date() < end {
            usleep(20_000)
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("serving ") }) {
                found = line.split(separator: ":").last.flatMap { UInt16($0) }
            }
        }
        guard let found else {
            process.terminate()
            throw RawClient.Failure(
                reason: "the server did not start: \((try? String(contentsOf: log, encoding: .utf8)) ?? "")")
        }
        port = found
    }

    var isRunning: Bool { process.isRunning }

    /// Asks it to stop.
    func terminate() { process.terminate() }

    /// The exit status, after it has ended.
    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    deinit {
        if process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Sends a request and waits for its answer.
    func ask(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) throws -> RawClient.Reply {
        try RawClient.ask(port, method, target, headers: headers, body: body, timeout: 120)
    }

    /// A form of files and values.
    static func form(files: [(String, [UInt8])], values: [(String, String)] = []) -> (
        headers: [(String, String)], body: [UInt8]
    ) {
        let boundary = "form-\(UUID().uuidString)"
        var body: [UInt8] = []
        for (name, content) in files {
            body += Array(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"x\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                    .utf8)
            body += content + [13, 10]
        }
        for (name, value) in values {
            body += Array(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        body += Array("--\(boundary)--\r\n".utf8)
        return ([("Content-Type", "multipart/form-data; boundary=\(boundary)")], body)
    }

    func post(
        _ target: String, files: [(String, [UInt8])] = [], values: [(String, String)] = [],
        headers: [(String, String)] = []
    ) throws -> RawClient.Reply {
        let form = Self.form(files: files, values: values)
        return try ask("POST", target, headers: form.headers + headers, body: form.body)
    }
}

/// JSON as a tree of Foundation's objects, with short ways to its parts.
struct JSON {
    let value: Any?

    init(_ reply: RawClient.Reply) { self.init(Data(reply.body)) }
    init(_ data: Data) { value = try? JSONSerialization.jsonObject(with: data) }
    private init(value: Any?) { self.value = value }

    subscript(_ name: String) -> JSON { JSON(value: (value as? [String: Any])?[name]) }
    subscript(_ index: Int) -> JSON {
        let list = value as? [Any]
        return JSON(value: list.flatMap { $0.indices.contains(index) ? $0[index] : nil })
    }
    var count: Int { (value as? [Any])?.count ?? 0 }
    var number: Double? { (value as? NSNumber)?.doubleValue }
    var text: String? { value as? String }
    var flag: Bool? { value as? Bool }
    var numbers: [Double] { (value as? [NSNumber])?.map(\.doubleValue) ?? [] }
}
