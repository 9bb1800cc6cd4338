import Torch

extension GeneratorConfiguration {
    /// Reads a generator's sizes from the shapes of its tensors; what the shapes do not tell is as published.
    /// - Parameter shape: the shape of a key, nil when it is absent.
    /// - Returns: nil when this is no StyleGAN2 generator at all.
    static func detected(_ shape: (String) -> [Int]?) -> GeneratorConfiguration? {
        guard let input = shape("input.input"), input.count == 4, shape("conv1.conv.weight") != nil else {
            return nil
        }
        let levels = (0..<8).prefix { shape("to_rgbs.\($0).conv.weight") != nil }.count
        guard levels > 0 else { return nil }
        var channels = [4: input[1]]
        for level in 0..<levels {
            let size = 8 << level
            // Read off the 1x1 convolution to colours: [1, 3, channels, 1, 1].
            guard let colours = shape("to_rgbs.\(level).conv.weight"), colours.count == 5 else { continue }
            channels[size] = colours[2]
        }
        let depth = (1...32).prefix { shape("style.\($0).weight") != nil }.count
        let dimension =
            shape("conv1.conv.modulation.weight")?.last ?? shape("style.1.weight")?.last ?? 512
        return GeneratorConfiguration(
            size: 4 << levels, channels: channels, styleDimension: dimension, mappingDepth: depth)
    }

    /// 2 or 1 when the channels are the published table of configuration F or E; nil for another table.
    public var channelMultiplier: Int? {
        [2, 1].first {
            GeneratorConfiguration.published(size: size, channelMultiplier: $0).channels == channels
        }
    }

    /// For reports.
    var details: [String: String] {
        let table = channels.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return [
            "size": "\(size)", "styles": "\(styleCount)", "styleDimension": "\(styleDimension)",
            "mappingDepth": "\(mappingDepth)",
            "channelMultiplier": channelMultiplier.map(String.init)
                ?? "none (\(table.joined(separator: ", ")))",
        ]
    }
}
