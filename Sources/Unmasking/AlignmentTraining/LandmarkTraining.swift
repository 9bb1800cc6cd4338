import Configuration

/// The configuration of `semblance train landmarks`.
public struct LandmarkTraining: StagedTraining, Equatable {
    public var seed: UInt64 = 1
    public var batch = 32
    public var network = LandmarkConfiguration()
    /// Decay of the weights' moving average, which is what a finished network is.
    public var averageDecay = 0.998
    /// "bfloat16" or "float32"; bfloat16 halves the time on CPUs that compute with it.
    public var precision = "float32"
    /// Faces held back from training to measure the error on, and the seed that draws them from the whole file.
    public var heldBack = 256
    public var heldBackSeed: UInt64 = 0
    /// How far faces are off their place, and what they wear. The window that the network sees must stay within the crop, or its edge
    /// tells how far the face was moved: a quarter of the crop's side is left for that.
    public var augmentation = FaceAugmentation.misaligned
    public var stages: [LandmarkStage] = [LandmarkStage()]
    /// Steps between checkpoints, and how many of the newest stay; with each the finished network is written anew.
    public var checkpointEvery = 500
    public var keepCheckpoints = 2
    /// Steps between sample sheets, and between validations on the held-back faces; 0: never.
    public var sheetEvery = 500
    public var validateEvery = 500
    public var logEvery = 20
    /// Background threads that make batches; their number changes nothing but the speed.
    public var workers = 1

    public init() {}

    public func validate() throws(ConfigurationError) {
        do { try network.validate() } catch { throw ConfigurationError("network: \(error)") }
        try validateSchedule(sizes: [128])
        try validate(averageDecay: averageDecay)
        for stage in stages { try validate(maskShare: stage.maskShare, of: stage) }
    }
}

extension FaceAugmentation {
    /// As a detector leaves masked faces: far off their place.
    public static var misaligned: FaceAugmentation {
        var moved = FaceAugmentation()
        (moved.rotation, moved.scale, moved.shift) = (10, 0.15, 8)
        return moved
    }
}
