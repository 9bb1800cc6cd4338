import Foundation
import Synchronization

/// Tells who calls.
public final class Authenticator: Sendable {
    private struct State {
        var tokens: [AccessToken] = []
        var version: [Int] = []
    }

    private let file: TokenFile?
    private let state = Mutex(State())

    /// - Parameter file: nil takes everyone for the local administrator: for loopback alone.
    /// - Throws: `ServerError.tokens` for a file that cannot be read or holds no token.
    public init(_ file: TokenFile?) throws(ServerError) {
        self.file = file
        guard let file else { return }
        let tokens = try file.read()
        guard !tokens.isEmpty else {
            throw .tokens(path: file.path, reason: "holds no token, so that nobody could call; add one first")
        }
        let version = Self.version(file.path)
        state.withLock {
            $0.tokens = tokens
            $0.version = version
        }
    }

    public var asksForTokens: Bool { file != nil }

    /// - Parameter authorization: the header's value.
    /// - Throws: `HTTPProblem` (401) without a token that is known.
    public func caller(authorization: String?) throws(HTTPProblem) -> Caller {
        guard let file else { return Caller(name: "local", access: .admin) }
        let challenge = [(name: "WWW-Authenticate", value: "Bearer realm=\"semblance\"")]
        let words = authorization?.split(separator: " ", maxSplits: 1) ?? []
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw HTTPProblem(
                .unauthorized, "send a token: 'Authorization: Bearer TOKEN'", headers: challenge)
        }
        let secret = words[1].trimmingCharacters(in: .whitespaces)
        // All are compared, so that the time does not tell which one is near.
        let known = current(file).filter { $0.matches(secret) }
        guard let token = known.first else {
            throw HTTPProblem(.unauthorized, "the token is not known", headers: challenge)
        }
        return Caller(name: token.name, access: token.access)
    }

    /// The tokens as the file has them now: a removed one must stop working at once. A file that cannot be read lets nobody in.
    private func current(_ file: TokenFile) -> [AccessToken] {
        let version = Self.version(file.path)
        return state.withLock { state in
            if version != state.version {
                state.tokens = (try? file.read()) ?? []
                state.version = version
            }
            return state.tokens
        }
    }

    private static func version(_ path: String) -> [Int] {
        var status = stat()
        guard stat(path, &status) == 0 else { return [] }
        return [
            Int(status.st_ino), Int(status.st_size), Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec),
            Int(status.st_mode),
        ]
    }
}
