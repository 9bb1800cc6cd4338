import Foundation

/// Writes a file completely or not at all: to a temporary sibling, flushed to the disk, then renamed.
package enum AtomicFile {
    /// - Parameter chunks: called repeatedly until it returns nil.
    package static func write(
        to path: String, chunks: () throws(TorchError) -> [UInt8]?
    ) throws(TorchError) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "cannot create") }
        var closed = false
        do throws(TorchError) {
            while let chunk = try chunks() { try write(chunk, to: descriptor, path: path) }
            guard fsync(descriptor) == 0 else { throw failure(path, "cannot flush") }
            closed = true
            guard close(descriptor) == 0 else { throw failure(path, "cannot close") }
            guard rename(temporary, path) == 0 else { throw failure(path, "cannot rename to it") }
        } catch {
            if !closed { close(descriptor) }
            unlink(temporary)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(TorchError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw failure(path, "cannot write")
            }
            offset += written
        }
    }

    private static func failure(_ path: String, _ what: String) -> TorchError {
        .file(path: path, reason: "\(what): \(String(cString: strerror(errno)))")
    }
}
