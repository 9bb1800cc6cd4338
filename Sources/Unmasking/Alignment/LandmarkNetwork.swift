import NN
import Torch

/// Finds the five landmarks of a roughly aligned face, also where a mask hides three of them.
///
/// A residual trunk, a top-down path back to a quarter of the input's size, and one heat map for each point, whose mean position
/// under its softmax is the point (integral regression, Sun et al. 2018). A detector's own points are a tenth of the distance between
/// the eyes off under a mask, and everything that follows, unmasking and recognition, stands or falls with them.
public final class LandmarkNetwork: Module {
    public static let format = "semblance-landmarks-1"

    public let configuration: LandmarkConfiguration
    public let stem: Conv2d
    @Child public var stemNorm: BatchNorm2d
    public let stages: [Sequential]
    /// 1x1 convolutions of the last three stages, coarse to fine.
    public let laterals: [Conv2d]
    public let smooth: [ResidualBlock]
    public let heat: Conv2d

    /// - Throws: `UnmaskingError.configuration` or `TorchError`.
    public init(_ configuration: LandmarkConfiguration = .init(), in context: Context) throws {
        try configuration.validate()
        self.configuration = configuration
        let channels = configuration.stageChannels
        func block(_ inputs: Int, _ outputs: Int, stride: Int = 1) throws -> ResidualBlock {
            try ResidualBlock(
                inputs, outputs, stride: stride, normalization: .batch, squeezesAndExcites: false, in: context
            )
        }
        stem = try Conv2d(3, channels[0], kernel: 5, stride: 2, padding: 2, bias: false, in: context)
        _stemNorm = Child(try BatchNorm2d(channels[0], in: context), key: "stem_norm")
        stages = try zip(channels, channels.dropFirst()).map { inputs, outputs in
            Sequential(
                try (0..<configuration.stageBlocks).map {
                    try $0 == 0 ? block(inputs, outputs, stride: 2) : block(outputs, outputs)
                })
        }
        let width = configuration.pyramidChannels
        laterals = try channels.dropFirst().reversed().map { try Conv2d($0, width, kernel: 1, in: context) }
        smooth = try (0..<2).map { _ in try block(width, width) }
        heat = try Conv2d(width, 5, kernel: 1, in: context)
        super.init()
    }

    /// - Parameter window: RGB in [-1, 1], [batch, 3, inputSize, inputSize].
    /// - Returns: x and y in pixels of the window, in the order of `FiveLandmarks`, [batch, 5, 2].
    public override func callAsFunction(_ window: Tensor) throws(TorchError) -> Tensor {
        let size = configuration.inputSize
        guard window.rank == 4, window.shape.suffix(3) == [3, size, size] else {
            throw .invalidArgument(
                "landmark network input \(window.shape): expected [batch, 3, \(size), \(size)]")
        }
        var x = try stemNorm(stem(window.channelsLast())).leakyReLUInPlace(0.1)
        var maps: [Tensor] = []
        for stage in stages {
            x = try stage(x)
            maps.append(x)
        }
        var level = try laterals[0](maps[2])
        for (index, map) in [maps[1], maps[0]].enumerated() {
            level = try smooth[index](
                laterals[index + 1](map) + level.interpolate(size: Array(map.shape.suffix(2))))
        }
        return try Self.meanPositions(heat(level), stride: Double(size) / Double(level.size(3)))
    }

    /// The mean position under each map's softmax.
    /// - Parameters:
    ///   - logits: [batch, points, h, w].
    ///   - stride: input pixels per cell; the first cell's centre lies at (stride - 1) / 2.
    /// - Returns: [batch, points, 2].
    static func meanPositions(_ logits: Tensor, stride: Double) throws(TorchError) -> Tensor {
        let (batch, points, height, width) = (logits.size(0), logits.size(1), logits.size(2), logits.size(3))
        let shares = try logits.to(dtype: .float32).reshape([batch, points, height * width]).softmax(2)
            .reshape([batch, points, height, width])
        func mean(_ sums: Tensor, _ count: Int) throws(TorchError) -> Tensor {
            let place = try Tensor.arange(0, Double(count), dtype: .float32, device: logits.device)
            return try (sums * (place * stride + (stride - 1) / 2)).sum([2])
        }
        return try Tensor.stack([mean(shares.sum([2]), width), mean(shares.sum([3]), height)], dim: 2)
    }

    // MARK: Files

    /// Writes the network as fp16 safetensors with the configuration inside, atomically.
    public func write(to path: String, metadata: [String: String] = [:]) throws {
        try ModelFile.write(
            self, format: Self.format, configuration: configuration, to: path, dtype: .float16,
            metadata: metadata)
    }

    /// Reads a file written by `write(to:)`; the network is frozen and in evaluation mode.
    /// - Throws: `UnmaskingError.model` for another kind of file, `TorchError` for one that is damaged.
    public static func read(_ path: String, device: Device = .cpu) throws -> LandmarkNetwork {
        let configuration: LandmarkConfiguration = try ModelFile.configuration(
            path, format: format, what: "a landmark network",
            remedy: "train one with 'semblance train landmarks' or leave --landmarks out",
            failure: { UnmaskingError.model(path: path, reason: $0) })
        let network = try LandmarkNetwork(configuration, in: Context(device: device, seed: 0))
        try network.load(contentsOf: path)
        try network.requiresGrad_(false)
        network.evaluate()
        return network
    }
}
