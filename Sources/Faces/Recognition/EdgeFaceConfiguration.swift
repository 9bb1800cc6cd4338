/// Shape of an EdgeFace network: an EdgeNeXt trunk of four stages and a linear embedding.
public struct EdgeFaceConfiguration: Sendable, Equatable, Codable {
    /// Channels of each stage.
    public var widths: [Int]
    /// Blocks in each stage.
    public var depths: [Int]
    /// Side of each stage's depthwise kernels; odd.
    public var kernels: [Int]
    /// How many of each stage's last blocks are split depthwise transpose attention (SDTA) blocks.
    public var globalBlocks: [Int]
    /// Attention heads of each stage's SDTA blocks; divides the width.
    public var heads: [Int]
    /// Channel groups that each stage's SDTA blocks process one after the other.
    public var scales: [Int]
    /// Whether each stage's SDTA blocks add a positional encoding.
    public var positional: [Bool]
    /// Length of the embedding.
    public var embedding: Int

    public init(
        widths: [Int], depths: [Int], kernels: [Int] = [3, 5, 7, 9], globalBlocks: [Int] = [0, 1, 1, 1],
        heads: [Int] = [4, 4, 4, 4], scales: [Int] = [2, 2, 3, 4],
        positional: [Bool] = [false, true, false, false], embedding: Int = 512
    ) {
        self.widths = widths
        self.depths = depths
        self.kernels = kernels
        self.globalBlocks = globalBlocks
        self.heads = heads
        self.scales = scales
        self.positional = positional
        self.embedding = embedding
    }

    /// EdgeFace-XXS: 1.24 million parameters.
    public static let xxs = EdgeFaceConfiguration(widths: [24, 48, 88, 168], depths: [2, 2, 6, 2])

    /// The first reason why no network can be made of these numbers.
    var problem: String? {
        let lists = [
            ("widths", widths), ("depths", depths), ("kernels", kernels), ("globalBlocks", globalBlocks),
            ("heads", heads), ("scales", scales), ("positional", positional.map { $0 ? 1 : 0 }),
        ]
        for (name, list) in lists where list.count != 4 {
            return "\(name) has \(list.count) entries, expected one for each of 4 stages"
        }
        for stage in 0..<4 {
            let values = [widths[stage], depths[stage], kernels[stage], heads[stage], scales[stage]]
            if values.contains(where: { $0 < 1 }) { return "stage \(stage) has a number below 1" }
            if kernels[stage] % 2 == 0 { return "stage \(stage): kernel \(kernels[stage]) is even" }
            guard (0...depths[stage]).contains(globalBlocks[stage]) else {
                return "stage \(stage): \(globalBlocks[stage]) SDTA blocks of \(depths[stage]) blocks"
            }
            guard globalBlocks[stage] > 0 else { continue }
            if widths[stage] % heads[stage] != 0 {
                return "stage \(stage): width \(widths[stage]) is not a multiple of \(heads[stage]) heads"
            }
            let parts = max(2, scales[stage])
            let part = (widths[stage] + scales[stage] - 1) / scales[stage]
            if scales[stage] < 2 || widths[stage] <= part * (parts - 1) {
                return "stage \(stage): width \(widths[stage]) cannot be split into \(scales[stage]) scales"
            }
        }
        return embedding < 1 ? "embedding is \(embedding), expected at least 1" : nil
    }
}
