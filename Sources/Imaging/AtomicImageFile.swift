import Foundation

/// Writes a file to a temporary sibling, flushes it and renames it: readers see the old file or the whole new one.
package enum AtomicImageFile {
    package static func write(_ bytes: [UInt8], to path: String) throws(ImagingError) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "cannot be created") }
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                let error = failure(path, "cannot be written")
                close(descriptor)
                unlink(temporary)
                throw error
            }
            offset += written
        }
        guard fsync(descriptor) == 0 || errno == EINVAL, close(descriptor) == 0, rename(temporary, path) == 0
        else {
            let error = failure(path, "cannot be written")
            unlink(temporary)
            throw error
        }
    }

    private static func failure(_ path: String, _ what: String) -> ImagingError {
        .file(path: path, reason: "\(what): \(String(cString: strerror(errno)))")
    }
}
