import CommandLineKit
import Resources
import Torch
import Unmasking

extension LandmarkRefiner {
    /// With the network that is named, else the one that comes with the program.
    /// - Throws: `ResourceError` when that is not there, and as `LandmarkNetwork.read`.
    static func named(_ file: FilePath?, device: Device) throws -> LandmarkRefiner {
        LandmarkRefiner(
            try LandmarkNetwork.read(
                file?.string ?? ResourceLocator.standard.model("masked-landmarks"), device: device),
            device: device)
    }
}
