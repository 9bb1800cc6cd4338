import Configuration

/// The adversary of e4e (Tov et al. 2021, section 4.2): a discriminator that tells codes which faces may have from codes that
/// the encoder made up for a masked one.
public struct LatentAdversarialLoss: Codable, Sendable, Equatable {
    /// Where codes come from that count as real.
    public enum RealCodes: String, Codable, Sendable {
        /// From the averaged encoder, for the batch's faces without masks: fits a generator that learns together with its
        /// encoder, whose mapping network knows nothing.
        case clean
        /// From the mapping network, for random z, as published: needs a generator that was trained on random codes.
        case mapping
    }

    /// Weight in the encoder's loss (e4e: 0.1).
    public var weight: Double
    public var real: RealCodes
    /// Learning rate of the discriminator.
    public var rate: Double
    public var r1: R1Regularization

    public init(
        weight: Double = 0.1, real: RealCodes = .clean, rate: Double = 2e-5,
        r1: R1Regularization = R1Regularization(gamma: 10, interval: 16)
    ) {
        self.weight = weight
        self.real = real
        self.rate = rate
        self.r1 = r1
    }

    /// Missing keys keep their defaults, a missing weight is 0.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(weight: 0)
        try values.read(.weight, into: &weight)
        try values.read(.real, into: &real)
        try values.read(.rate, into: &rate)
        try values.read(.r1, into: &r1)
    }
}
