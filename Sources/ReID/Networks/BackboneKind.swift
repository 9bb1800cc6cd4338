import NN
import Torch

/// The backbones that can be chosen by name.
public enum BackboneKind: String, Codable, CaseIterable, Sendable {
    case mobileNetV2 = "mobilenet_v2"

    /// A new backbone with random weights.
    /// - Parameter lastStride: stride of the last stage that shrinks the map: 2 as published, 1 keeps a map of twice the
    ///   size in each direction (Luo et al. 2019).
    public func make(lastStride: Int = 2, in context: Context) throws(TorchError) -> PersonBackbone {
        switch self {
        case .mobileNetV2: try MobileNetV2(lastStride: lastStride, in: context)
        }
    }
}
