import Configuration

/// One stage of a landmark network's training: for how long, at which rate.
public struct LandmarkStage: TrainingStage, Equatable {
    public var name = "stage"
    public var steps = 1000
    /// Share of the faces that wear a mask.
    public var maskShare = 0.85
    public var rate = 2e-3
    public var finalRate = 2e-5

    /// Side of the faces.
    public var size: Int { 128 }

    public init() {}
}

extension LandmarkStage {
    /// Missing keys keep their defaults: a configuration names only what a stage changes.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        try values.read(.name, into: &name)
        try values.read(.steps, into: &steps)
        try values.read(.maskShare, into: &maskShare)
        try values.read(.rate, into: &rate)
        try values.read(.finalRate, into: &finalRate)
    }
}
