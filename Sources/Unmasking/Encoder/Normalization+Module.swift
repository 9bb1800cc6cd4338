import NN
import Torch

extension EncoderConfiguration.Normalization {
    func module(_ channels: Int, in context: Context) throws(TorchError) -> Module {
        switch self {
        case .batch: try BatchNorm2d(channels, in: context)
        case .group: try GroupNorm(8, channels, in: context)
        case .none: Identity()
        }
    }

    /// Convolutions keep a bias only where no normalisation removes it.
    var needsBias: Bool { self == .none }
}
