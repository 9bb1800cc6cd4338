/// How a `LandmarkNetwork` is built.
public struct LandmarkConfiguration: Codable, Sendable, Equatable {
    /// Side of the window that the network sees, the middle of an aligned 128-pixel crop; a multiple of 16.
    public var inputSize = 96
    /// Channels of the trunk's stages; each halves the size.
    public var stageChannels = [24, 48, 96, 160]
    /// Residual blocks of every stage but the first, which is one convolution.
    public var stageBlocks = 2
    /// Channels of the maps that the heat maps are read from.
    public var pyramidChannels = 64

    public init() {}

    /// - Throws: `UnmaskingError.configuration` naming what cannot work.
    func validate() throws(UnmaskingError) {
        guard stageChannels.count == 4, stageChannels.allSatisfy({ $0 > 0 }), pyramidChannels > 0,
            stageBlocks > 0
        else {
            throw .configuration(
                "landmark network with stages \(stageChannels) of \(stageBlocks) blocks and \(pyramidChannels) channels: expected four stages, and positive numbers"
            )
        }
        guard inputSize >= 32, inputSize <= 128, inputSize % 16 == 0 else {
            throw .configuration(
                "landmark network for windows of \(inputSize) px: expected a multiple of 16 from 32 to 128")
        }
    }
}
