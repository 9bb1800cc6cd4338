import NN
import Torch

/// AlexNet (Krizhevsky 2014, "One weird trick") and VGG16 (Simonyan & Zisserman 2015) in full, in torchvision's layout: keys
/// `features.N`, `classifier.N`. LPIPS compares images in their features.
///
/// Images are RGB in 0…1, normalised by ImageNet's mean and deviation; see `normalised`.
public final class ImageClassifier: Module {
    public enum Architecture: String, Codable, Sendable, CaseIterable {
        case alexnet, vgg16

        public var format: String { "semblance-\(rawValue)-1" }
        /// Side of the grid that features are averaged to.
        var cells: Int { self == .alexnet ? 6 : 7 }
        /// Channels of the last features.
        var channels: Int { self == .alexnet ? 256 : 512 }
    }

    public let architecture: Architecture
    public let features: Sequential
    public let classifier: Sequential

    public init(_ architecture: Architecture, classes: Int = 1000, in context: Context) throws(TorchError) {
        self.architecture = architecture
        let flat = architecture.channels * architecture.cells * architecture.cells
        switch architecture {
        case .alexnet:
            features = Sequential([
                try Conv2d(3, 64, kernel: 11, stride: 4, padding: 2, in: context), ReLU(),
                MaxPool2d(3, stride: 2),
                try Conv2d(64, 192, kernel: 5, padding: 2, in: context), ReLU(), MaxPool2d(3, stride: 2),
                try Conv2d(192, 384, kernel: 3, padding: 1, in: context), ReLU(),
                try Conv2d(384, 256, kernel: 3, padding: 1, in: context), ReLU(),
                try Conv2d(256, 256, kernel: 3, padding: 1, in: context), ReLU(), MaxPool2d(3, stride: 2),
            ])
            classifier = Sequential([
                try Dropout(0.5, in: context), try Linear(flat, 4096, in: context), ReLU(),
                try Dropout(0.5, in: context), try Linear(4096, 4096, in: context), ReLU(),
                try Linear(4096, classes, in: context),
            ])
        case .vgg16:
            var layers: [Module] = []
            var channels = 3
            for (width, depth) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)] {
                for _ in 0..<depth {
                    layers.append(try Conv2d(channels, width, kernel: 3, padding: 1, in: context))
                    layers.append(ReLU())
                    channels = width
                }
                layers.append(MaxPool2d(2, stride: 2))
            }
            features = Sequential(layers)
            classifier = Sequential([
                try Linear(flat, 4096, in: context), ReLU(), try Dropout(0.5, in: context),
                try Linear(4096, 4096, in: context), ReLU(), try Dropout(0.5, in: context),
                try Linear(4096, classes, in: context),
            ])
        }
        super.init()
    }

    /// ImageNet's normalisation of RGB in 0…1, [batch, 3, h, w].
    public static func normalised(_ images: Tensor) throws(TorchError) -> Tensor {
        let mean = try Tensor(values: [0.485, 0.456, 0.406], shape: [3, 1, 1], device: images.device)
        let deviation = try Tensor(values: [0.229, 0.224, 0.225], shape: [3, 1, 1], device: images.device)
        return try (images - mean) / deviation
    }

    /// Logits, [batch, classes].
    /// - Parameter x: normalised images, [batch, 3, h, w] with sides of at least 63 (AlexNet) or 32 (VGG16).
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        guard x.rank == 4, x.size(1) == 3 else {
            throw .invalidArgument("\(architecture.rawValue): input is \(x.shape), expected [batch, 3, h, w]")
        }
        let pooled = try features(x).adaptiveAvgPool2d([architecture.cells, architecture.cells])
        return try classifier(pooled.flatten(from: 1))
    }

    /// Reads a file that `semblance import` wrote; frozen and in evaluation mode.
    /// - Throws: `UnmaskingError.model` for another kind of file, `TorchError` for one that is damaged.
    public static func read(_ path: String, device: Device = .cpu) throws -> ImageClassifier {
        let format = try SafeTensors.metadata(path)["format"]
        guard let architecture = Architecture.allCases.first(where: { $0.format == format }) else {
            throw UnmaskingError.model(
                path: path,
                reason:
                    "not an image classifier (format \(format ?? "absent"), expected \(Architecture.allCases.map(\.format).joined(separator: " or ")))"
            )
        }
        let state = try SafeTensors.read(path)
        let classes = state["classifier.6.bias"]?.count ?? 1000
        let network = try ImageClassifier(
            architecture, classes: classes, in: Context(device: device, seed: 0))
        try network.load(state, source: path)
        try network.evaluate().requiresGrad_(false)
        return network
    }
}
