import CommandLineKit
import Resources
import Torch
import Unmasking

extension UnmaskingModel {
    /// The model that is named, else the one that comes with the program.
    /// - Throws: `ResourceError` when that is not there, and as `read`.
    static func named(_ file: FilePath?, device: Device) throws -> UnmaskingModel {
        try read(file?.string ?? ResourceLocator.standard.model("unmasker-128"), device: device)
    }
}
