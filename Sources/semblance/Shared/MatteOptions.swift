import CommandLineKit
import Foundation
import Unmasking

/// `--margin`, `--feather`: how a drawn face is blended into the photo.
struct MatteOptions: OptionGroup {
    static let title = "Blending"

    @Option(
        help: "Widen the mask's outline by this many pixels of the 128-pixel crop.", in: .between(0, 20))
    var margin = Unmasker.Settings().margin
    @Option(help: "Width of the soft edge, in pixels of the 128-pixel crop.", in: .between(0.1, 20))
    var feather = Unmasker.Settings().feather

    var settings: Unmasker.Settings {
        var settings = Unmasker.Settings()
        settings.margin = margin
        settings.feather = feather
        return settings
    }
}

extension Unmasker.Settings {
    /// Tells settings apart in a cache.
    var signature: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
