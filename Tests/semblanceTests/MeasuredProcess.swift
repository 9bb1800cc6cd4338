import Foundation

/// Runs the built command and asks the kernel how much memory it took at most.
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
        var usage = rusage()
        while wait4(child, &wait, 0, &usage) < 0 {
            guard errno == EINTR else { throw Failure(reason: String(cString: strerror(errno))) }
        }
        // The low seven bits are the signal that ended it, the next eight its exit status.
        status = wait & 0x7f == 0 ? (wait >> 8) & 0xff : 128 + (wait & 0x7f)
        // Linux counts in KiB.
        peakMemory = usage.ru_maxrss * 1024
        errors = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
