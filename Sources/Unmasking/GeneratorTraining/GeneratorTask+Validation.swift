import Imaging
import Perceptual
import Torch
import Training

extension GeneratorTask {
    /// Smallest picture that AlexNet's layers are measured on.
    private static let leastFeatureSize = 64
    private static let sheetCount = 16

    private var stageSize: Int { training.stage(at: max(0, steps - 1)).stage.size }

    /// Kernel distance of pictures of the averaged generator to held-back faces, in features of LPIPS's AlexNet (which is not
    /// Inception: values compare with each other only), with its standard deviation over subsets. The codes are the same in
    /// every measurement.
    public func validate() throws -> [String: Double] {
        guard let features else { return [:] }
        let (size, batches) = (stageSize, try data.heldBack())
        guard batches.reduce(0, { $0 + $1.size(0) }) >= 4 else { return [:] }
        let truth = try trueFeatures[size] ?? measure(batches.map { try resized($0, to: size) }, features)
        trueFeatures = [size: truth]
        let source = try Generator(seed: Generator.derive(training.seed, 6), device: device)
        var rows: [Tensor] = []
        for batch in batches {
            let drawn = try withoutGradients {
                try average.average.generate(
                    .randn([batch.size(0), training.generator.styleDimension], generator: source),
                    noise: .random(source), maximumSize: size)
            }
            rows.append(try measure([drawn], features))
        }
        let value = try KernelDistance(Tensor.cat(rows), truth).value(seed: training.seed)
        return ["kid alexnet": value.mean, "kid alexnet deviation": value.deviation]
    }

    private func measure(_ batches: [Tensor], _ features: LPIPS) throws -> Tensor {
        try withoutGradients {
            try .cat(
                batches.map { batch in
                    let side = max(batch.size(2), Self.leastFeatureSize)
                    let images =
                        side == batch.size(2) ? batch : try batch.interpolate(size: [side, side])
                    return try features.pooledFeatures(of: images.clamp(min: -1, max: 1))
                })
        }
    }

    /// The same codes in every sheet: two rows as drawn, and below them two rows drawn in towards the mean code.
    public func sampleGrid() throws -> Image? {
        let source = try Generator(seed: Generator.derive(training.seed, 7), device: device)
        let dimension = training.generator.styleDimension
        let z = try Tensor.randn([Self.sheetCount, dimension], generator: source)
        let network = average.average
        let images = try withoutGradients {
            let mean = try network.meanLatent(generator: source)
            return try [1, training.truncation].flatMap { psi in
                let drawn = try network.generate(
                    z, truncation: (psi: psi, mean: mean), maximumSize: stageSize)
                return try (0..<Self.sheetCount).map { try Image(face: drawn.select(0, $0)) }
            }
        }
        var style = Panel.Style()
        (style.gap, style.margin) = (2, 4)
        return try Panel.grid(
            images, columns: Self.sheetCount / 2,
            title: "truncation 1, then \(training.truncation)", style: style)
    }
}
