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
    /// - Parameters:
    ///   - lastStride: stride of the last stage that shrinks the map: 1 for a map of a sixteenth of the image
    ///     (Luo et al. 2019), 2 for the published thirty-second. OSNet is published with a sixteenth and has 1 only.
    ///   - nonLocal: attention between the blocks of a ResNet.
    /// - Throws: `TorchError.invalidArgument` for another stride, or attention in another network.
    public func make(lastStride: Int = 1, nonLocal: NonLocalAttention = .none, in context: Context)
        throws(TorchError) -> PersonBackbone
    {
        guard nonLocal == .none || rawValue.hasPrefix("resnet") else {
            throw .invalidArgument(
                "\(rawValue): non-local attention '\(nonLocal.rawValue)' is for ResNets; expected 'none'")
        }
        func resNet(_ depth: ResNet.Depth, ibn: Bool = false) throws(TorchError) -> ResNet {
            try ResNet(
                depth, lastStride: lastStride, instanceBatchNorm: ibn, nonLocal: nonLocal, in: context)
        }
        switch self {
        case .resNet18: return try resNet(.d18)
        case .resNet34: return try resNet(.d34)
        case .resNet50: return try resNet(.d50)
        case .resNet18IBN: return try resNet(.d18, ibn: true)
        case .resNet34IBN: return try resNet(.d34, ibn: true)
        case .resNet50IBN: return try resNet(.d50, ibn: true)
        case .mobileNetV2: return try MobileNetV2(lastStride: lastStride, in: context)
        case .efficientNetLite0: return try EfficientNetLite(.lite0, lastStride: lastStride, in: context)
        case .efficientNetLite2: return try EfficientNetLite(.lite2, lastStride: lastStride, in: context)
        case .osNetQuarter: return try osNet(.quarter, lastStride, in: context)
        case .osNetHalf: return try osNet(.half, lastStride, in: context)
        case .osNetThreeQuarters: return try osNet(.threeQuarters, lastStride, in: context)
        case .osNet: return try osNet(.full, lastStride, in: context)
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
