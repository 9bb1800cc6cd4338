import CommandLineKit
import Foundation
import ReID
import Torch

/// `semblance-bench features`: embeddings of people who do not exist, as many as Market-1501 has.
struct FeaturesCommand: Command {
    static let name = "features"
    static let abstract = "Write feature files of made-up people: query.safetensors and gallery.safetensors."

    @Option(short: "o", help: "Folder to write into.", value: "DIR") var output: FilePath
    @Option(help: "Queries.", in: .atLeast(1)) var queries: Int = 3368
    @Option(help: "Gallery images.", in: .atLeast(1)) var gallery: Int = 15913
    @Option(help: "Numbers per embedding.", in: .atLeast(1)) var dimension: Int = 512

    func run(_ invocation: Invocation) throws {
        let people = 750
        let generator = try Generator(seed: 1)
        let centres = try Tensor.randn([people, dimension], generator: generator)
        for (name, count) in [("query", queries), ("gallery", gallery)] {
            // A seventh of the gallery are distractors: person 0.
            let ids = (0..<count).map { name == "gallery" && $0 % 7 == 6 ? 0 : 1 + $0 % people }
            let rows = try Tensor(ids.map { max(0, $0 - 1) }, shape: [count])
            let noise = try Tensor.randn([count, dimension], generator: generator) * 2
            let features = try (centres.indexSelect(0, rows) + noise).l2Normalised(dim: 1)
            try FeatureFile(features: features, ids: ids, cameras: (0..<count).map { $0 / people % 6 })
                .write(to: "\(output)/\(name).safetensors")
        }
    }
}
