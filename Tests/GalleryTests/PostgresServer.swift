import Foundation

/// A PostgreSQL server of the tests' own, with pgvector, from the package that Scripts/setup --all installs. It listens on a
/// socket in a folder of its own, and ends with the tests.
final class PostgresServer: Sendable {
    static let programs: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache =
            environment["SEMBLANCE_CACHE"]
            ?? (environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "/root")/.cache") + "/semblance"
        let python = "\(cache)/postgres/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: python)) ?? []
        return versions.map { "\(python)/\($0)/site-packages/pgserver/pginstall/bin" }
            .first { access("\($0)/postgres", X_OK) == 0 }
    }()

    static let shared = Result { try PostgresServer() }

    private let folder: String
    private let process: Process

    private init() throws {
        folder = "/tmp/semblance-postgres-\(getpid())"
        guard let programs = Self.programs else {
            throw Failure(reason: "no server; run Scripts/setup --all")
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let made = try Self.start(
            [
                "\(programs)/initdb", "-D", "\(folder)/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--locale=C", "--no-sync",
            ], log: "\(folder)/log")
        made.waitUntilExit()
        guard made.terminationStatus == 0 else { throw Failure(reason: Self.text("\(folder)/log")) }
        process = try Self.start(
            [
                "\(programs)/postgres", "-D", "\(folder)/data", "-k", folder, "-c", "listen_addresses=", "-c",
                "fsync=off", "-c", "max_connections=200",
            ], log: "\(folder)/log")
        Self.running = (process.processIdentifier, folder)
        atexit {
            guard let (server, folder) = PostgresServer.running else { return }
            kill(server, SIGQUIT)
            var tries = 0
            while kill(server, 0) == 0, tries < 100, waitpid(server, nil, WNOHANG) == 0 {
                usleep(20_000)
                tries += 1
            }
            try? FileManager.default.removeItem(atPath: folder)
        }
        let deadline = Date(timeIntervalSinceNow: 60)
        while access("\(folder)/.s.PGSQL.5432", F_OK) != 0
            || !Self.text("\(folder)/log").contains("ready to accept connections")
        {
            guard process.isRunning, Date() < deadline else {
                throw Failure(reason: Self.text("\(folder)/log"))
            }
            usleep(20_000)
        }
    }

    nonisolated(unsafe) private static var running: (Int32, String)?

    func location(_ gallery: String) -> String {
        "postgresql:///postgres?host=\(folder)&user=postgres&gallery=\(gallery)"
    }

    struct Failure: Error, CustomStringConvertible {
        let reason: String
        var description: String { reason }
    }

    private static func text(_ path: String) -> String {
        String(decoding: (try? Data(contentsOf: URL(filePath: path))) ?? Data(), as: UTF8.self)
    }

    /// PostgreSQL refuses to run as root; for root it runs in a user namespace that calls it by another number.
    private static func start(_ command: [String], log: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let prefix = geteuid() == 0 ? ["unshare", "--user", "--map-user=1000", "--map-group=1000"] : []
        process.arguments = prefix + command
        try Data().write(to: URL(filePath: log))
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }
}
