import Foundation
import Resources

/// A token as the token file keeps it: the secret itself is nowhere.
public struct AccessToken: Codable, Equatable, Sendable {
    /// Who holds it; stands in audit records.
    public let name: String
    public let access: Access
    /// SHA-256 of salt and secret. The secret is 256 random bits, so that a slow hash would add nothing.
    let hash: String
    let salt: String
    public let created: Date

    /// A new one, and the secret that is shown once.
    static func make(name: String, access: Access) -> (token: AccessToken, secret: String) {
        var generator = SystemRandomNumberGenerator()
        func random(_ count: Int) -> Data {
            Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        let secret =
            "smb_"
            + random(32).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        let salt = random(16).base64EncodedString()
        let token = AccessToken(
            name: name, access: access, hash: hash(secret, salt: salt), salt: salt,
            // Whole seconds, as the file keeps them.
            created: Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down)))
        return (token, secret)
    }

    private static func hash(_ secret: String, salt: String) -> String {
        var digest = SHA256()
        digest.update(Array(salt.utf8))
        digest.update(Array(secret.utf8))
        return digest.hexDigest()
    }

    func matches(_ secret: String) -> Bool {
        ConstantTime.areEqual(Self.hash(secret, salt: salt).utf8, hash.utf8)
    }
}
