extension RowDigest {
    /// Of everything of an entry but its embedding.
    static func entry(_ entry: GalleryEntry, thumbnail: [UInt8]?) -> UInt64 {
        var digest = RowDigest()
        digest.update(UInt64(bitPattern: entry.id))
        digest.update(entry.identity)
        digest.update(entry.path)
        digest.update(entry.sha256)
        digest.update(entry.camera.map(String.init))
        digest.update(entry.time.map { String($0.microseconds) })
        digest.update(entry.box.map { $0.map(String.init).joined(separator: ",") })
        digest.update(String(entry.addedAt.microseconds))
        for (name, value) in entry.attributes.sorted(by: { $0.key < $1.key }) {
            digest.update(name)
            digest.update(value)
        }
        digest.update(thumbnail.map { String($0.count) })
        thumbnail?.withUnsafeBytes { digest.update($0) }
        return digest.value
    }
}
