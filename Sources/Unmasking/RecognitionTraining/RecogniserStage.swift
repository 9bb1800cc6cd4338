import Configuration

/// One stage of a recogniser's training: for how long, at which rate, with which losses.
public struct RecogniserStage: TrainingStage, Equatable {
    public var name = "stage"
    public var steps = 1000
    /// Share of the faces that wear a mask; the others keep unmasked faces where they were.
    public var maskShare = 0.6
    public var rate = 3e-5
    public var finalRate = 3e-7
    /// 1 - cosine to what the recogniser as it was makes of the face without its mask.
    public var identity = 1.0
    /// Each face nearer to its own unmasked one than to earlier ones of other people.
    public var identityContrast = IdentityContrastLoss(weight: 0.2)

    /// Side of the faces.
    public var size: Int { 128 }

    public init() {}
}

extension RecogniserStage {
    /// Missing keys keep their defaults: a configuration names only what a stage changes.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        try values.read(.name, into: &name)
        try values.read(.steps, into: &steps)
        try values.read(.maskShare, into: &maskShare)
        try values.read(.rate, into: &rate)
        try values.read(.finalRate, into: &finalRate)
        try values.read(.identity, into: &identity)
        try values.read(.identityContrast, into: &identityContrast)
    }
}
