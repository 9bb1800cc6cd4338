import Foundation

/// Writes a file to a temporary sibling, flushes it and renames it: readers see the old file or the whole new one.
package enum AtomicImageFile {
    /// Devices and pipes (`/dev/stdout`) are written to directly: they cannot be replaced.
    /// - Throws: `ImagingError.file` with the system's reason (no such folder, no space left on device, …); nothing is left behind.
    package static func write(_ bytes: [UInt8], to path: String) throws(ImagingError) {
        var status = stat()
        if stat(path, &status) == 0 {
            let kind = status.st_mode & S_IFMT
            guard kind != S_IFDIR else {
                throw .file(path: path, reason: "is a folder, expected the name of a file to write")
            }
            if kind != S_IFREG { return try writeDirectly(bytes, to: path) }
        }
        let (descriptor, temporary) = try create(beside: path)
        var problem = writeAll(bytes, to: descriptor)
        // Some file systems cannot flush and say so with EINVAL.
        if problem == 0, fsync(descriptor) != 0, errno != EINVAL { problem = errno }
        if close(descriptor) != 0, problem == 0 { problem = errno }
        if problem == 0, rename(temporary, path) != 0 { problem = errno }
        guard problem == 0 else {
            unlink(temporary)
            throw failure(path, "cannot be written", problem)
        }
    }

    private static func create(beside path: String) throws(ImagingError) -> (Int32, String) {
        while true {
            let temporary = "\(path).\(String(UInt32.random(in: 0 ... .max), radix: 36)).tmp"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (descriptor, temporary) }
            guard errno == EEXIST || errno == EINTR else { throw failure(path, "cannot be created", errno) }
        }
    }

    private static func writeDirectly(_ bytes: [UInt8], to path: String) throws(ImagingError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "cannot be opened for writing", errno) }
        var problem = writeAll(bytes, to: descriptor)
        if close(descriptor) != 0, problem == 0 { problem = errno }
        guard problem == 0 else { throw failure(path, "cannot be written", problem) }
    }

    /// - Returns: 0, or the error number that stopped it.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let written = Foundation.write(
                    descriptor, buffer.baseAddress! + offset, buffer.count - offset)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return written < 0 ? errno : ENOSPC }
                offset += written
            }
            return 0
        }
    }

    private static func failure(_ path: String, _ what: String, _ number: Int32) -> ImagingError {
        let hint = number == ENOSPC ? "; free some space or write elsewhere" : ""
        return .file(path: path, reason: "\(what): \(String(cString: strerror(number)))\(hint)")
    }
}
