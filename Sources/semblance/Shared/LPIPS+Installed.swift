import NN
import Perceptual
import Resources
import Torch

extension LPIPS {
    /// LPIPS (Alex) with the installed weights, frozen.
    /// - Throws: `ResourceError` saying how to install them, `TorchError`.
    static func installed(_ locator: ResourceLocator = .standard, in context: Context) throws -> LPIPS {
        let network = try LPIPS(.alex, in: context)
        try network.load(contentsOf: locator.weights("lpips_alex"))
        return network
    }
}
