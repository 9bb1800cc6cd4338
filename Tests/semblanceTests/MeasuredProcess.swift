import Foundation

/// Runs the built command and asks the kernel how much memory it took at most.
///
/// Not through `wait4`: a child's `ru_maxrss` begins with the memory of the process that started it, which is a test run of
/// gigabytes. The high-water mark in /proc is the program's own; it is read every few milliseconds, so that only what was
/// allocated in the very last ones can be missed.
struct MeasuredProcess {
    let status: Int32
    /// Largest resident size in bytes.
    let peakMemory: Int
    let errors: String

    struct Failure: Error { var reason: String }

    init(_ arguments: [String]) throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { unlink(log) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT, 0o600)
        let path = SemblanceProcess.binary.path
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let problem = posix_spawn(&child, path, &actions, nil, &words, environ)
        guard problem == 0 else { throw Failure(reason: "\(path): \(String(cString: strerror(problem)))") }
        var wait: Int32 = 0
        var peak = 0
        while true {
            peak = max(peak, Self.highWaterMark(child))
            let ended = waitpid(child, &wait, WNOHANG)
            if ended == child { break }
            guard ended == 0 || errno == EINTR else {
                throw Failure(reason: String(cString: strerror(errno)))
            }
            usleep(3000)
        }
        // The low seven bits are the signal that ended it, the next eight its exit status.
        status = wait & 0x7f == 0 ? (wait >> 8) & 0xff : 128 + (wait & 0x7f)
        peakMemory = peak
        errors = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Largest resident size so far in bytes; 0 once the process has ended, and before it has become the program.
    private static func highWaterMark(_ process: pid_t) -> Int {
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")
        guard let program, program.hasSuffix("/semblance"),
            let data = FileManager.default.contents(atPath: "/proc/\(process)/status"),
            let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first(where: {
                $0.hasPrefix("VmHWM:")
            })
        else { return 0 }
        return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
    }
}
