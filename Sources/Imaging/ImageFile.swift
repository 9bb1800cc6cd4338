import Foundation

/// Reads a whole image file without trusting its path or size.
package enum ImageFile {
    /// - Throws: `ImagingError.file` when the path is missing, a folder, not a regular file, unreadable or too large.
    package static func read(_ path: String, limits: DecodeLimits) throws(ImagingError) -> [UInt8] {
        // Non-blocking, so that opening a pipe that nobody writes to returns.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason =
                switch errno {
                case ENOENT: "no such file"
                case EACCES, EPERM: "cannot be read; check its permissions"
                default: "cannot be read: \(String(cString: strerror(errno)))"
                }
            throw .file(path: path, reason: reason)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .file(path: path, reason: "cannot be read: \(String(cString: strerror(errno)))")
        }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw .file(path: path, reason: "is a folder, expected an image file") }
        guard kind == S_IFREG else {
            throw .file(path: path, reason: "is not a regular file, expected an image file")
        }
        let size = Int(status.st_size)
        guard size <= limits.maximumBytes else {
            throw .file(path: path, reason: "\(size) bytes, more than the limit of \(limits.maximumBytes)")
        }
        var problem: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Foundation.read(descriptor, buffer.baseAddress! + count, size - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { problem = errno }
                guard got > 0 else { break }
                count += got
            }
        }
        guard problem == 0 else {
            throw .file(path: path, reason: "cannot be read: \(String(cString: strerror(problem)))")
        }
        return bytes
    }
}
