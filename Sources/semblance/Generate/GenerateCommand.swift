import CommandLineKit
import Foundation
import Imaging
import Torch
import Unmasking

/// `semblance generate`: faces out of a generator.
struct GenerateCommand: Command {
    static let name = "generate"
    static let abstract = "Draw faces with an imported or trained generator."
    static let discussion = """
        From seeds: every seed is a random z code, mapped to w, drawn together towards the mean face by --truncation. From a file: \
        W or W+ codes as 'invert' writes them (safetensors with 'latents', or one tensor as .npy). Writes a PNG for each and a sheet of \
        all. The same seed gives the same picture.

        Our own unmasking models never train the mapping from z to w: with them seeds give no faces, codes from 'invert' do.
        """
    static let examples = [
        CommandExample(
            "semblance generate --model ffhq.safetensors --seeds 1-16 --truncation 0.7 -o faces",
            "Sixteen faces that nobody has."),
        CommandExample(
            "semblance generate --model e4e.safetensors --latents out/photo.safetensors -o redrawn",
            "Draw codes again that 'invert' found."),
    ]
    static let mutuallyExclusive = [["seeds", "latents"]]

    enum Noise: String, CaseIterable, ArgumentValue {
        case none, constant, random
    }

    @Option(help: "A file of 'import' or 'train'.", value: "FILE") var model: FilePath
    @Option(help: "Random codes to draw, such as 1-8 or 3,7.") var seeds: SeedList = SeedList(
        Array(1...8), text: "1-8")
    @Option(help: "Draw these W or W+ codes instead.", value: "FILE") var latents: FilePath?
    @Option(help: "Distance from the mean face: 1 is untouched, 0 the mean itself.", in: .between(-2, 2))
    var truncation: Double = 0.7
    @Option(
        help:
            "Per-pixel noise: none, the model's own fields (constant), or drawn by the seed. The default is constant, and none for our own models."
    ) var noise: Noise?
    @Option(short: "o", help: "Folder for the pictures, made if needed.", value: "DIR", completion: .folder)
    var output: FilePath
    @Option(help: "Pictures in a row of the sheet.", in: .between(1, 64)) var columns: Int = 4
    @Flag(help: "Also write the W+ codes of the seeds.") var saveLatents: Bool
    let compute = ComputeOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        struct Picture: Encodable {
            let file: String
            let seed: UInt64?
            let milliseconds: Double
        }
        let model: String
        let kind: LatentModel.Kind
        let size: Int
        var pictures: [Picture] = []
        var sheet = ""
        var latents: String?
    }

    func run(_ invocation: Invocation) throws {
        let device = try compute.prepare()
        let network = try LatentModel.read(model.string, device: device)
        let codes = try latents.map {
            try LatentFile.read($0.string, for: network.generator.configuration, device: device)
        }
        if codes == nil, !network.hasMapping {
            invocation.reporter.warning(
                "\(model): an unmasking model's mapping network is not trained, so seeds give no faces; draw codes of 'invert' with --latents"
            )
        }
        try OutputFolder.make(output.string)
        var report = Report(model: model.string, kind: network.kind, size: network.size)
        var sheet: [Image] = []
        var captions: [String] = []
        var drawnCodes: [Tensor] = []
        let centre = try network.truncationCentre()
        let count = codes.map { $0.latents.size(0) } ?? seeds.seeds.count
        for index in 0..<count {
            try invocation.cancellation.check()
            var watch = StopWatch()
            let seed = codes == nil ? seeds.seeds[index] : nil
            let image = try withoutGradients {
                let face = try codes.map { try $0.face(index) } ?? sample(seed ?? 0, network, centre, device)
                drawnCodes.append(face.latents)
                let drawn = try network.generator.synthesize(
                    face.latents, noise: try noiseInput(network, seed ?? UInt64(index), device),
                    featureOffsets: face.featureOffsets)
                return try Picture.image(drawn)
            }
            let milliseconds = watch.lap()
            let stem = seed.map { "seed\($0)" } ?? "latent\(index + 1)"
            let path = "\(output)/\(stem).png"
            try image.writePNG(path)
            report.pictures.append(.init(file: path, seed: seed, milliseconds: milliseconds))
            // Large pictures are made smaller for the sheet at once, so that many fit into memory.
            sheet.append(try Picture.thumbnail(image))
            captions.append(seed.map { "seed \($0)" } ?? "\(index + 1)")
            invocation.reporter.progress("generate \(index + 1)/\(count)", isFinal: index + 1 == count)
        }
        report.sheet = "\(output)/sheet.png"
        try Panel.grid(sheet, columns: columns, captions: captions).writePNG(report.sheet)
        if saveLatents {
            let path = "\(output)/latents.safetensors"
            try LatentFile.write(EncodedFace(latents: .cat(drawnCodes, dim: 0)), to: path)
            report.latents = path
        }
        try invocation.reporter.result(report)
        let mean = report.pictures.map(\.milliseconds).reduce(0, +) / Double(max(count, 1))
        try invocation.reporter.line(
            "\(count) pictures of \(network.size) px -> \(output), sheet \(report.sheet); \(Int(mean)) ms each"
        )
    }

    private func sample(_ seed: UInt64, _ network: LatentModel, _ centre: Tensor, _ device: Device) throws
        -> EncodedFace
    {
        let dimension = network.generator.configuration.styleDimension
        // Drawn on the CPU: a seed means the same face on every device.
        let z = try Tensor.randn([1, dimension], generator: Generator(seed: seed)).to(device: device)
        let w = try StyleGAN2Generator.truncate(
            network.generator.mapping(z), psi: truncation, mean: centre)
        return EncodedFace(latents: try network.generator.latents(w).contiguous())
    }

    private func noiseInput(_ network: LatentModel, _ seed: UInt64, _ device: Device) throws -> NoiseInput {
        switch noise {
        case nil: network.noise
        case .some(.none): .none
        case .constant: .constant
        case .random: .random(try Generator(seed: Generator.derive(seed, 1), device: device))
        }
    }
}

extension EncodedFace {
    /// One face of a batch.
    fileprivate func face(_ index: Int) throws(TorchError) -> EncodedFace {
        var one = EncodedFace(latents: try latents[index..<(index + 1)])
        for (resolution, offset) in featureOffsets {
            one.featureOffsets[resolution] = try offset[index..<(index + 1)]
        }
        return one
    }
}
