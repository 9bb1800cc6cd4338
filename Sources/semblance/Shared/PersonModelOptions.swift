import CommandLineKit
import Foundation
import ReID
import Resources
import Torch

/// `--model`: which network embeds people.
struct PersonModelOption: OptionGroup {
    static let title = "Embedding"
    static let defaultModel = "person-market1501"

    @Option(help: "Re-identification model; the default is \(defaultModel).", value: "FILE") var model:
        FilePath?

    /// - Throws: `ResourceError` when the default model is not there.
    func path() throws(ResourceError) -> String {
        if let model { return model.string }
        return try ResourceLocator.standard.model(Self.defaultModel)
    }

    func load(device: Device) throws -> PersonEmbedder {
        let path = try path()
        Runtime.keepFreedMemory()
        return try PersonEmbedder(
            ReIDModel.read(path, device: device),
            name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent, device: device)
    }
}

/// `--model`, `--flip`, `--batch`: how people are embedded.
struct PersonModelOptions: OptionGroup {
    static let title = "Embedding"

    let network = PersonModelOption()
    @Flag(help: "See every image also mirrored and add both embeddings: a little better, twice the work.")
    var flip: Bool
    @Option(help: "Images at once.", in: .between(1, 4096)) var batch: Int = 64

    var model: FilePath? { network.model }

    func load(device: Device, skipsBadImages: Bool = false) throws -> PersonEmbedder {
        var embedder = try network.load(device: device)
        embedder.extraction.flips = flip
        embedder.extraction.batch = batch
        embedder.extraction.skipsBadImages = skipsBadImages
        return embedder
    }

    /// A progress line "embed gallery 640/15913, 210/s, 1:12 left", which also ends the run on request.
    static func progress(_ what: String, _ invocation: Invocation) -> (_ done: Int, _ total: Int) throws ->
        Void
    {
        let clock = ContinuousClock()
        let start = clock.now
        return { done, total in
            try invocation.cancellation.check()
            invocation.reporter.progress(
                {
                    let rate = Double(done) / max((clock.now - start) / .seconds(1), 1e-3)
                    let left = Int(Double(total - done) / max(rate, 1e-3))
                    return done == 0
                        ? "embed \(what) 0/\(total)"
                        : "embed \(what) \(done)/\(total), \(String(format: "%.0f", rate))/s, \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left"
                }(), isFinal: done == total)
        }
    }
}
