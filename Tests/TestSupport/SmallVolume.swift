import Foundation

/// A file system of 64 KiB, to be full.
package enum SmallVolume {
    package static let isPossible: Bool = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "volume-\(UUID().uuidString)"
        ).path
        guard geteuid() == 0, mkdir(folder, 0o755) == 0 else { return false }
        defer { rmdir(folder) }
        guard mount(at: folder) else { return false }
        unmount(folder)
        return true
    }()

    package static func mount(at folder: String) -> Bool {
        run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder])
    }

    package static func unmount(_ folder: String) { _ = run(["umount", folder]) }

    private static func run(_ command: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
