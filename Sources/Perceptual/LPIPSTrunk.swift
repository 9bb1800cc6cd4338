import NN
import Torch

/// The image classification network whose features LPIPS compares.
public enum LPIPSTrunk: String, Sendable, Codable, CaseIterable {
    /// AlexNet: the default of the `lpips` package, and about 18 times cheaper than VGG16.
    case alex
    /// VGG16 without batch normalisation.
    case vgg

    /// Positions in torchvision's `features` whose outputs (all rectified) are compared.
    var taps: [Int] { self == .alex ? [1, 4, 7, 9, 11] : [3, 8, 15, 22, 29] }

    /// Channels of the compared layers.
    public var widths: [Int] { self == .alex ? [64, 192, 384, 256, 256] : [64, 128, 256, 512, 512] }

    /// Smallest image side: every pooling must leave at least one position.
    var minimumSide: Int { self == .alex ? 31 : 16 }

    /// torchvision's `features` up to the last compared layer, so that positions are its keys.
    func makeLayers(in context: Context) throws(TorchError) -> [Module] {
        switch self {
        case .alex:
            return [
                try Conv2d(3, 64, kernel: 11, stride: 4, padding: 2, in: context), ReLU(),
                MaxPool2d(3, stride: 2),
                try Conv2d(64, 192, kernel: 5, padding: 2, in: context), ReLU(),
                MaxPool2d(3, stride: 2),
                try Conv2d(192, 384, kernel: 3, padding: 1, in: context), ReLU(),
                try Conv2d(384, 256, kernel: 3, padding: 1, in: context), ReLU(),
                try Conv2d(256, 256, kernel: 3, padding: 1, in: context), ReLU(),
            ]
        case .vgg:
            var layers: [Module] = []
            var channels = 3
            for (width, depth) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)] {
                if !layers.isEmpty { layers.append(MaxPool2d(2, stride: 2)) }
                for _ in 0..<depth {
                    layers.append(try Conv2d(channels, width, kernel: 3, padding: 1, in: context))
                    layers.append(ReLU())
                    channels = width
                }
            }
            return layers
        }
    }
}
