import CommandLineKit
import Faces
import Foundation
import Imaging
import Torch
import Unmasking

/// `semblance train comparison`.
struct TrainComparisonCommand: Command {
    static let name = "comparison"
    static let abstract = "Learn how a recogniser's embeddings of masked and clean faces compare."
    static let discussion = """
        A cosine weighs what a mask hides or recovery invents as much as what stays. Here every photo is embedded as it is and wearing a mask, \
        and a Joint Bayesian model of the two is fitted: in minutes, from photos that do not say who is on them, and with the recogniser \
        as it is. One file for each recogniser goes into the output folder, comparison-NAME.safetensors, which 'evaluate verification --comparison DIR' \
        measures; in Models/, it is what 'verify --unmask' compares by, once thresholds were measured with it. Judge it on other people.
        """
    static let examples = [
        CommandExample(
            "semblance train comparison --images utkface --recogniser sface,dlib -o runs/comparison --cache cache",
            "Learn from photos; each must show a face."),
        CommandExample(
            "semblance evaluate verification --images lfw --pairs lfw/pairs.txt --probe all --masks generated:7 --all-pairs --recogniser sface,dlib --comparison runs/comparison",
            "Measure it on other people."),
    ]

    @Option(help: "Folder of photos, no person twice if possible.", value: "DIR") var images: FilePath
    @Option(short: "o", help: "Where comparison-NAME.safetensors goes.", value: "DIR") var output: FilePath
    @Option(help: "Face recogniser, or several.") var recogniser = RecogniserList([.sface])
    @Option(
        help: "The recogniser's converted weights, instead of those that the set-up installed.",
        value: "FILE") var weights: FilePath?
    @Option(help: "Learn from about this many photos, evenly spaced.", in: .atLeast(3)) var limit: Int = 2000
    @Option(help: "The masks: generated:SEED or a folder of pictures of masks.", value: "SOURCE") var masks =
        MaskSource.generated(seed: 1)
    @Option(help: "Unmasking model.", value: "FILE") var model: FilePath?
    @Option(help: "Landmark network for masked faces.", value: "FILE") var landmarks: FilePath?
    @Option(
        help: "Added to the covariances' diagonal, as a share of its mean: more for fewer photos.",
        in: .above(0)) var shrinkage = JointComparison.Settings().shrinkage
    @Option(help: "Of the likelihood ratio in the similarity; the rest is the cosine.", in: .between(0, 1))
    var share = JointComparison.Settings().share
    @Option(
        help:
            "Keep embeddings in this folder, and take those that are there: a run that was stopped goes on.",
        value: "DIR") var cache: FilePath?
    let compute = ComputeOptions()
    let report = ReportOptions()

    /// What is learned: every way of comparing a masked probe that puts one embedding on each side.
    static let rules: [FusionRule] = [
        .single(.masked), .single(.realigned), .single(.recovered), .enrolled(), .enrolled(recovered: 0),
    ]

    private struct Report: Encodable {
        let recogniser: String
        let photos: Int
        /// Photos in which no face was found, with the mask or without.
        let left: Int
        let output: String
    }

    func validate() throws(UsageError) {
        try recogniser.check(weights: weights)
        if masks == .worn {
            throw UsageError("--masks worn will not do: every photo is compared with itself wearing a mask")
        }
    }

    func run(_ invocation: Invocation) throws {
        let device = try compute.prepare()
        let photos = try photos()
        let networks = try recogniser.models.map { try $0.load(weights: weights?.string, device: device) }
        try OutputFolder.make(output.string)
        let views = Set<PhotoView>(of: Self.rules)
        let setup = EmbeddingSetup(
            device: device, masks: try masks.maker(for: photos), model: model, landmarks: landmarks,
            cache: cache)
        let embeddings = try invocation.collect(
            setup.collector(FolderPhotos(images.string), views: views, networks),
            photos.map { (photo: $0, views: views) }, what: "comparison")
        var reports: [Report] = []
        for (index, rows) in embeddings.enumerated() {
            let name = recogniser.models[index].rawValue
            let learned = try ComparisonModel.learned(
                recogniser: name, rules: Self.rules, photos: photos, embeddings: rows,
                settings: .init(shrinkage: shrinkage, share: share))
            let path = "\(output.string)/\(ComparisonModel.name(recogniser: name))"
            try learned.model.write(
                to: path,
                metadata: [
                    "photos": "\(learned.photos)", "masks": masks.argumentText,
                    "shrinkage": "\(shrinkage)", "share": "\(share)",
                ])
            reports.append(
                Report(
                    recogniser: name, photos: learned.photos, left: photos.count - learned.photos,
                    output: path))
        }
        try invocation.reporter.result(reports)
        for report in reports {
            try invocation.reporter.line(
                "\(report.recogniser): learned from \(report.photos) photos\(report.left > 0 ? ", \(report.left) without a face that was found with and without a mask" : ""): \(report.output)"
            )
        }
    }

    /// Evenly spaced over the folder.
    private func photos() throws -> [VerificationPair.Photo] {
        var folder = images.string
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        let files = try ImageFiles.list([folder]).map { String($0.dropFirst(folder.count + 1)) }
        guard files.count >= 3 else {
            throw FacesError.invalidArgument(
                "\(images): holds \(files.count) photos; expected a folder of hundreds, each with a face")
        }
        return files.evenlySpaced(limit).map { VerificationPair.Photo(stem: $0) }
    }
}
