import Foundation
import Testing
import Torch

/// What evaluating a data set of Market-1501's size takes.
@Suite struct ReIDMemoryTests {
    @Test("3,368 queries in 15,913 images of 512 numbers are ranked within 1 GB") func market() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "market-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let generator = try Generator(seed: 5)
        for (name, count) in [("query", 3368), ("gallery", 15913)] {
            try SafeTensors.write(
                [
                    "features": Tensor.randn([count, 512], generator: generator),
                    "ids": Tensor((0..<count).map { Int64($0 % 750) }, shape: [count]),
                    "cameras": Tensor((0..<count).map { Int64($0 / 750 % 6) }, shape: [count]),
                ], to: "\(folder)/\(name).safetensors")
        }
        let run = try MeasuredProcess([
            "evaluate", "reid", "--features", "\(folder)/query.safetensors", "\(folder)/gallery.safetensors",
        ])
        #expect(run.status == 0, "\(run.errors)")
        // The features alone are 40 MB: less would not have been measured.
        #expect((100_000_000..<1_000_000_000).contains(run.peakMemory))
    }
}
