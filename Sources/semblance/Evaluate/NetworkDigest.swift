import NN
import Resources
import Torch

extension Module {
    /// Twelve digits that tell these weights from others.
    func digest() throws -> String {
        var hash = SHA256()
        for (key, tensor) in stateDict() {
            hash.update(Array(key.utf8))
            try tensor.floats().withUnsafeBytes { hash.update($0) }
        }
        return String(hash.hexDigest().prefix(12))
    }
}
