import Foundation

/// A certificate chain and its private key.
public struct TLSCertificate: Sendable {
    let certificate: String
    let key: String

    /// Reads PEM files.
    /// - Throws: `ServerError.certificate` for files that cannot be read or hold something else.
    public init(certificatePath: String, keyPath: String) throws(ServerError) {
        certificate = try Self.read(certificatePath, holding: "CERTIFICATE-----")
        key = try Self.read(keyPath, holding: "PRIVATE KEY-----")
    }

    private static func read(_ path: String, holding mark: String) throws(ServerError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .certificate(path: path, reason: "cannot be read")
        }
        guard let text = String(data: data, encoding: .utf8), text.contains(mark) else {
            throw .certificate(path: path, reason: "holds no PEM block ending in '\(mark)'")
        }
        return text
    }
}
