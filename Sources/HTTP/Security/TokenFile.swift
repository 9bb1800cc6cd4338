import Foundation

/// The file that lists who may call: JSON, readable by its owner alone.
public struct TokenFile: Sendable {
    public static let format = "semblance-tokens-1"

    public let path: String

    public init(_ path: String) { self.path = path }

    private struct Document: Codable {
        var format = TokenFile.format
        var tokens: [AccessToken]
    }

    /// - Throws: `ServerError.tokens` for a file that is missing, damaged or open to others than its owner.
    public func read() throws(ServerError) -> [AccessToken] {
        var status = stat()
        guard stat(path, &status) == 0, let data = FileManager.default.contents(atPath: path) else {
            throw .tokens(
                path: path,
                reason: "cannot be read; make it with 'semblance serve token add NAME --tokens FILE'")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .tokens(path: path, reason: "is open to others than its owner; run 'chmod 600' on it")
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let document = try? decoder.decode(Document.self, from: data), document.format == Self.format
        else { throw .tokens(path: path, reason: "is not a list of tokens ('\(Self.format)')") }
        return document.tokens
    }

    /// Adds a token and returns its secret, which cannot be had again.
    /// - Throws: `ServerError.tokens` for a name that is taken or unfit, and when the file cannot be written.
    public func add(name: String, access: Access) throws(ServerError) -> String {
        guard !name.isEmpty, name.utf8.count <= 64, name.utf8.allSatisfy(FieldParser.isToken) else {
            throw .tokens(
                path: path, reason: "'\(name)' is no name for a token: 1 to 64 letters, digits and -_.")
        }
        var tokens = FileManager.default.fileExists(atPath: path) ? try read() : []
        guard !tokens.contains(where: { $0.name == name }) else {
            throw .tokens(path: path, reason: "there is a token '\(name)' already; remove it first")
        }
        let (token, secret) = AccessToken.make(name: name, access: access)
        tokens.append(token)
        try write(tokens)
        return secret
    }

    /// - Throws: `ServerError.tokens` for an unknown name, and when the file cannot be written.
    public func remove(name: String) throws(ServerError) {
        var tokens = try read()
        guard let index = tokens.firstIndex(where: { $0.name == name }) else {
            throw .tokens(
                path: path,
                reason: "there is no token '\(name)' (there: \(tokens.map(\.name).joined(separator: ", ")))")
        }
        tokens.remove(at: index)
        try write(tokens)
    }

    private func write(_ tokens: [AccessToken]) throws(ServerError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        do {
            let data = try encoder.encode(Document(tokens: tokens)) + [10]
            let temporary = "\(path).\(UInt32.random(in: 0 ... .max)).tmp"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            do {
                try file.write(contentsOf: data)
                try file.synchronize()
                try file.close()
                guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
            } catch {
                unlink(temporary)
                throw error
            }
        } catch {
            throw .tokens(
                path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
