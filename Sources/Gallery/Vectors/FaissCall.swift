import CFaiss

/// FAISS as it is linked.
public enum Faiss {
    public static var version: String { String(cString: cf_version()) }
    /// What it was compiled for, in its own words: "OPTIMIZE AVX2", "GENERIC".
    public static var compileOptions: String {
        String(cString: cf_compile_options()).split(separator: " ").joined(separator: " ")
    }

    /// Turns a status into a thrown error and frees the message.
    static func call(
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> cf_status
    ) throws(GalleryError) {
        var message: UnsafeMutablePointer<CChar>?
        let status = body(&message)
        guard status != 0 else { return }
        let text = message.map { String(cString: $0) } ?? "no message"
        cf_string_free(message)
        throw .index(reason: status == cf_status(CF_OUT_OF_MEMORY) ? "out of memory: \(text)" : text)
    }
}
