import Configuration
import NN

/// A part of a training run: for how long, at which size, with which augmentation and learning rate.
///
/// Small pictures first cost a fraction of the time and teach most of the embedding; the last stage has the size of the model.
public struct ReIDStage: Codable, Sendable, Equatable {
    /// How the rate goes on after the warm-up.
    public enum Decay: String, Codable, Sendable, Equatable {
        case constant
        /// Half a cosine down to `finalFactor`.
        case cosine
        /// Times `gamma` at each of `milestones`.
        case step
    }

    public var name = "stage"
    public var steps = 2000
    /// Size of the pictures in pixels.
    public var height = 256
    public var width = 128
    /// Probability of random erasing; nil is the run's own.
    public var erasing: Double?
    /// Largest shift of the crop in pixels; nil is the run's own.
    public var padding: Int?
    /// Factor on the run's learning rate.
    public var rateFactor = 1.0
    /// Steps of linear warm-up from a tenth.
    public var warmUp = 0
    public var decay = Decay.cosine
    /// Where the cosine ends, as a share of the stage's rate.
    public var finalFactor = 0.01
    /// Steps of this stage at which the rate is multiplied by `gamma`.
    public var milestones: [Int] = []
    public var gamma = 0.1

    public init() {}

    /// Factor on the learning rate over the steps of this stage.
    public var schedule: ScheduleStage {
        let after: Schedule =
            switch decay {
            case .constant: .constant
            case .cosine: .cosine(start: warmUp, end: max(steps, warmUp + 1), floor: finalFactor)
            case .step: .step(milestones: milestones, gamma: gamma)
            }
        return ScheduleStage(
            steps: steps, scale: rateFactor,
            schedule: warmUp > 0 ? .warmUp(steps: warmUp, initial: 0.1, then: after) : after)
    }
}

extension ReIDStage {
    /// Missing keys keep their defaults: a configuration names only what a stage changes.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        try values.read(.name, into: &name)
        try values.read(.steps, into: &steps)
        try values.read(.height, into: &height)
        try values.read(.width, into: &width)
        try values.read(.erasing, into: &erasing)
        try values.read(.padding, into: &padding)
        try values.read(.rateFactor, into: &rateFactor)
        try values.read(.warmUp, into: &warmUp)
        try values.read(.decay, into: &decay)
        try values.read(.finalFactor, into: &finalFactor)
        try values.read(.milestones, into: &milestones)
        try values.read(.gamma, into: &gamma)
    }
}
