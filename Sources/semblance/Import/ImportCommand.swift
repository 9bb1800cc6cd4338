import CommandLineKit
import Foundation
import NN
import Perceptual
import Torch
import Unmasking

/// `semblance import`: weights that others published, in our file format.
struct ImportCommand: Command {
    static let name = "import"
    static let abstract =
        "Take over published weights: StyleGAN2, pSp, e4e, IR-SE50, AlexNet, VGG16, backbones."
    static let discussion = """
        Checks every key and shape against our own networks, and writes a safetensors file that 'generate', 'invert' and 'train' read. \
        Keys that are not needed are named in the report with the reason; keys that are missing, unknown or of another shape are \
        all named in one error, and nothing is written. PyTorch's files (.pt, .pth) are read by the set-up's Python in a mode that \
        builds tensors and plain values only: code inside a checkpoint is refused, not run. Safetensors files need no Python.

        The licence of the weights is yours to check: FFHQ's models are for research.
        """
    static let examples = [
        CommandExample(
            "semblance import stylegan2-ffhq-config-f.pt --as stylegan2 -o ffhq.safetensors",
            "A generator (g_ema), with its mean latent and discriminator."),
        CommandExample(
            "semblance import e4e_ffhq_encode.pt --as e4e -o e4e.safetensors --half",
            "Encoder, decoder and mean latent, in half precision."),
        CommandExample(
            "semblance import alexnet-owt-7be5be79.pth --as alexnet --linear alex.pth -o lpips.safetensors",
            "AlexNet's features and LPIPS's linear weights, as one LPIPS network."),
    ]

    @Argument(help: "Checkpoint: .pt, .pth or safetensors.") var input: FilePath
    @Option(name: "as", help: "What it is.") var network: ImportedNetwork
    @Option(short: "o", help: "File to write.", value: "FILE") var output: FilePath
    @Flag(help: "Store half-precision floats, which halves the file.") var half: Bool
    @Option(
        help: "With alexnet or vgg16: the linear weights of LPIPS, to make an LPIPS network.", value: "FILE")
    var linear: FilePath?
    @Option(help: "Python that has torch and safetensors, instead of the set-up's.", value: "PATH")
    var python: FilePath?
    let report = ReportOptions()

    private struct Summary: Encodable {
        let network: String
        let source: String
        let output: String
        let details: [String: String]
        let parameters: Int
        let mapped: Int
        let leftOut: [ImportReport.LeftOut]
        let bytes: Int
        let seconds: Double
    }

    func validate() throws(UsageError) {
        if linear != nil, !network.isClassifier {
            throw UsageError("--linear belongs to --as alexnet and --as vgg16")
        }
        guard output.string.hasSuffix(".safetensors") else {
            throw UsageError("-o \(output): expected a name that ends in .safetensors")
        }
    }

    func run(_ invocation: Invocation) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let folder = URL(fileURLWithPath: output.string).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: folder) else {
            throw ImportError.unreadable(path: output.string, reason: "there is no folder \(folder)")
        }
        // The temporary copy is as large as the checkpoint: where there is room for the result, not in /tmp.
        let reader = CheckpointPython(python: python?.string)
        let checkpoint = try CheckpointFile.read(input.string, python: reader, scratch: folder)
        let linear = try linear.map { try CheckpointFile.read($0.string, python: reader, scratch: folder) }
        try invocation.cancellation.check()
        let done = try network.convert(
            checkpoint, linear: linear, to: output.string, dtype: half ? .float16 : .float32)
        let size = try? FileManager.default.attributesOfItem(atPath: output.string)[.size] as? NSNumber
        let summary = Summary(
            network: done.network, source: done.source, output: output.string, details: done.details,
            parameters: done.parameters, mapped: done.mapped, leftOut: done.leftOut,
            bytes: size?.intValue ?? 0, seconds: (clock.now - start) / .seconds(1))
        try invocation.reporter.result(summary)
        try tell(summary, invocation.reporter)
    }

    private func tell(_ summary: Summary, _ reporter: Reporter) throws {
        let size = String(format: "%.1f MB", Double(summary.bytes) / 1e6)
        try reporter.line("\(summary.source) -> \(summary.output) (\(summary.network), \(size))")
        for (name, value) in summary.details.sorted(by: { $0.key < $1.key }) {
            try reporter.line("  \(name): \(value)")
        }
        try reporter.line("  \(summary.mapped) keys taken, \(summary.parameters) numbers")
        for entry in summary.leftOut {
            let count = entry.count > 0 ? " (\(entry.count))" : ""
            try reporter.line("  left out: \(entry.keys)\(count): \(entry.reason)")
        }
    }
}
