import NN
import Torch

/// The backbones that can be chosen by name.
public enum BackboneKind: String, Codable, CaseIterable, Sendable {
    case resNet18 = "resnet18"
    case resNet34 = "resnet34"
    case resNet50 = "resnet50"
    case resNet18IBN = "resnet18_ibn_a"
    case resNet34IBN = "resnet34_ibn_a"
    case resNet50IBN = "resnet50_ibn_a"
    case mobileNetV2 = "mobilenet_v2"
    case efficientNetLite0 = "efficientnet_lite0"
    case efficientNetLite2 = "efficientnet_lite2"
    case osNetQuarter = "osnet_x0_25"
    case osNetHalf = "osnet_x0_5"
    case osNetThreeQuarters = "osnet_x0_75"
    case osNet = "osnet_x1_0"

    /// A new backbone with random weights.
    /// - Parameter lastStride: stride of the last stage that shrinks the map: 1 for a map of a sixteenth of the image
    ///   (Luo et al. 2019), 2 for the published thirty-second. OSNet is published with a sixteenth and has 1 only.
    /// - Throws: `TorchError.invalidArgument` for another stride.
    public func make(lastStride: Int = 1, in context: Context) throws(TorchError) -> PersonBackbone {
        switch self {
        case .resNet18: try ResNet(.d18, lastStride: lastStride, in: context)
        case .resNet34: try ResNet(.d34, lastStride: lastStride, in: context)
        case .resNet50: try ResNet(.d50, lastStride: lastStride, in: context)
        case .resNet18IBN: try ResNet(.d18, lastStride: lastStride, instanceBatchNorm: true, in: context)
        case .resNet34IBN: try ResNet(.d34, lastStride: lastStride, instanceBatchNorm: true, in: context)
        case .resNet50IBN: try ResNet(.d50, lastStride: lastStride, instanceBatchNorm: true, in: context)
        case .mobileNetV2: try MobileNetV2(lastStride: lastStride, in: context)
        case .efficientNetLite0: try EfficientNetLite(.lite0, lastStride: lastStride, in: context)
        case .efficientNetLite2: try EfficientNetLite(.lite2, lastStride: lastStride, in: context)
        case .osNetQuarter: try osNet(.quarter, lastStride, in: context)
        case .osNetHalf: try osNet(.half, lastStride, in: context)
        case .osNetThreeQuarters: try osNet(.threeQuarters, lastStride, in: context)
        case .osNet: try osNet(.full, lastStride, in: context)
        }
    }

    private func osNet(_ width: OSNet.Width, _ lastStride: Int, in context: Context) throws(TorchError)
        -> OSNet
    {
        guard lastStride == 1 else {
            throw .invalidArgument(
                "\(rawValue): last stride \(lastStride), expected 1: its last stage does not shrink the map")
        }
        return try OSNet(width, in: context)
    }
}
