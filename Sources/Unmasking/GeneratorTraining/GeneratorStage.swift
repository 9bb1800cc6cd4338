import Configuration

/// One stage of a generator's training: for how long, at which size, how strongly regularised.
public struct GeneratorStage: TrainingStage, Equatable {
    public var name = "stage"
    public var steps = 1000
    /// Lower sizes first save time: both networks have an output and an input at each.
    public var size = 128
    public var rate = 2e-3
    public var finalRate = 2e-3
    /// The discriminator's learning rate at the start; it comes down as `rate` does.
    public var discriminatorRate = 2e-3
    /// Gamma of the gradient penalty R1; null takes 0.0002 · size² / batch (Karras et al. 2020, ADA), 0 leaves it out.
    public var r1: Double?
    /// Weight of path-length regularisation; 0 leaves it out.
    public var pathLength = 2.0

    public init() {}
}

extension GeneratorStage {
    /// Missing keys keep their defaults: a configuration names only what a stage changes.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        try values.read(.name, into: &name)
        try values.read(.steps, into: &steps)
        try values.read(.size, into: &size)
        try values.read(.rate, into: &rate)
        try values.read(.finalRate, into: &finalRate)
        try values.read(.discriminatorRate, into: &discriminatorRate)
        r1 = try values.decodeIfPresent(Double.self, forKey: .r1)
        try values.read(.pathLength, into: &pathLength)
    }
}
