import CommandLineKit
import Foundation
import Imaging
import ReID
import Torch

/// `semblance embed person`: images of people to a feature file.
struct EmbedPersonCommand: Command {
    static let name = "person"
    static let abstract = "Write embeddings of images of people."
    static let discussion = """
        Takes image files, folders of images, or with --layout the root of a data set, and writes a safetensors file with the \
        tensors features [N, D], ids [N] and cameras [N]; the images' paths are in its metadata. Only a data set says who is \
        shown: otherwise ids and cameras are -1. Embeddings have unit length and are compared by their cosine.
        """
    static let examples = [
        CommandExample("semblance embed person crops/ -o crops.safetensors", "A folder of images."),
        CommandExample(
            "semblance embed person Market-1501-v15.09.15 --layout market1501 --split query -o query.safetensors",
            "The queries of a data set."),
    ]

    @Argument(help: "Images (JPEG, PNG, WebP), folders of images, or with --layout the root of a data set.")
    var input: [FilePath]
    @Option(short: "o", help: "Feature file to write.", value: "FILE") var output: FilePath
    @Option(help: "Layout of the data set.") var layout: PersonDatasetLayout?
    @Option(help: "With --layout: the part of the data set.") var split: PersonDatasetSplit?
    @Flag(help: "Leave out images that cannot be read, and say which, instead of ending with an error.")
    var skipBad: Bool
    @Flag(help: "Store features as 16-bit floats, at half the size.") var half: Bool
    let embedding = PersonModelOptions()
    let compute = ComputeOptions()
    let report = ReportOptions()

    struct Report: Encodable {
        let output: String
        let images: Int
        let dimension: Int
        let skipped: [FeatureExtraction.BadImage]
        let seconds: Double
    }

    func validate() throws(UsageError) {
        if layout != nil, input.count != 1 {
            throw UsageError("--layout takes the root of one data set, not \(input.count) inputs")
        }
        if split != nil, layout == nil {
            throw UsageError("--split names a part of a data set: it needs --layout")
        }
    }

    func run(_ invocation: Invocation) throws {
        let images = try self.images(invocation)
        let device = try compute.prepare()
        let embedder = try embedding.load(device: device, skipsBadImages: skipBad)
        let clock = ContinuousClock()
        let start = clock.now
        let result = try embedder(images, progress: PersonModelOptions.progress("images", invocation))
        let seconds = (clock.now - start) / .seconds(1)
        for bad in result.bad { invocation.reporter.warning("left out: \(bad.reason)") }
        try result.features.write(to: output.string, dtype: half ? .float16 : .float32)
        try invocation.reporter.result(
            Report(
                output: output.string, images: result.features.count, dimension: result.features.dimension,
                skipped: result.bad, seconds: seconds))
        try invocation.reporter.line(
            "\(output): \(result.features.count) images, \(result.features.dimension) dimensions, \(String(format: "%.1f", Double(images.count) / max(seconds, 1e-3))) images/s"
                + (result.bad.isEmpty ? "" : ", \(result.bad.count) left out"))
    }

    private func images(_ invocation: Invocation) throws -> [PersonImage] {
        guard let layout, let root = input.first?.string else {
            let files = try ImageFiles.list(input.map(\.string))
            guard !files.isEmpty else {
                throw ReIDError.data(
                    path: input.map(\.string).joined(separator: ", "),
                    reason: "no images (JPEG, PNG, WebP) inside")
            }
            return files.map { PersonImage(path: $0, person: -1, camera: PersonImage.unknownCamera) }
        }
        let dataset = try PersonDataset.load(layout, root: root)
        for remark in dataset.remarks { invocation.reporter.note("\(remark)") }
        let images =
            split.map { dataset[$0] } ?? dataset.train + dataset.query + dataset.gallery
        guard !images.isEmpty else {
            throw ReIDError.data(path: root, reason: "no images in '\(split?.argumentText ?? "all parts")'")
        }
        return images
    }
}
