import Torch

/// What LPIPS compares: five feature maps of a batch of images, each position scaled to unit length over channels.
///
/// Features of targets that do not change can be kept and compared again and again.
public struct LPIPSFeatures {
    /// [batch, channels, height, width] per compared layer, finest first.
    public let maps: [Tensor]
    /// [height, width] of the images.
    public let size: [Int]

    /// The same features cut off from the graph that made them.
    public func detached() throws(TorchError) -> LPIPSFeatures {
        var maps: [Tensor] = []
        for map in self.maps { maps.append(try map.detach()) }
        return LPIPSFeatures(maps: maps, size: size)
    }

    /// The features of some images of the batch.
    /// - Parameter indices: int64 [count].
    public func select(_ indices: Tensor) throws(TorchError) -> LPIPSFeatures {
        var maps: [Tensor] = []
        for map in self.maps { maps.append(try map.indexSelect(0, indices)) }
        return LPIPSFeatures(maps: maps, size: size)
    }

    /// The features of neighbouring images of the batch, without a copy.
    public func narrowed(_ start: Int, _ count: Int) throws(TorchError) -> LPIPSFeatures {
        var maps: [Tensor] = []
        for map in self.maps { maps.append(try map.narrow(0, start, count)) }
        return LPIPSFeatures(maps: maps, size: size)
    }
}
