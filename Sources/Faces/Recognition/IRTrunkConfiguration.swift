/// The residual trunk that IR-SE50 and the pSp and e4e encoders share (Deng et al. 2019, "ArcFace": improved residual
/// units, with squeeze-and-excitation).
public struct IRTrunkConfiguration: Codable, Sendable, Equatable {
    /// 3 for RGB; other numbers for encoders of label maps or sketches, 6 for ReStyle.
    public var inputChannels: Int
    /// Channels of the first convolution.
    public var stemChannels: Int
    /// Channels of the four stages. Every stage halves the size, the first included.
    public var stageChannels: [Int]
    /// Residual units of every stage.
    public var stageBlocks: [Int]
    /// Channels per hidden channel of the squeeze-and-excitation gates.
    public var reduction: Int

    /// The published 50-layer trunk.
    public init(
        inputChannels: Int = 3, stemChannels: Int = 64, stageChannels: [Int] = [64, 128, 256, 512],
        stageBlocks: [Int] = [3, 4, 14, 3], reduction: Int = 16
    ) {
        self.inputChannels = inputChannels
        self.stemChannels = stemChannels
        self.stageChannels = stageChannels
        self.stageBlocks = stageBlocks
        self.reduction = reduction
    }

    /// - Throws: `FacesError.invalidArgument` naming what no network can be built from.
    public func validate() throws(FacesError) {
        guard inputChannels > 0, stemChannels > 0, stageChannels.count == 4, stageBlocks.count == 4,
            (stageChannels + stageBlocks).allSatisfy({ $0 > 0 }), reduction > 0,
            stageChannels.allSatisfy({ $0 >= reduction })
        else {
            throw .invalidArgument(
                "IR trunk of inputChannels \(inputChannels), stemChannels \(stemChannels), stageChannels \(stageChannels), stageBlocks \(stageBlocks), reduction \(reduction): expected four stages of positive numbers, and channels not below the reduction"
            )
        }
    }
}
