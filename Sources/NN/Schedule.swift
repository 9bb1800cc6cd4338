import Foundation

/// Factor on the base learning rate as a function of the step (0 for the first update).
public enum Schedule: Sendable, Codable, Equatable {
    case constant
    /// Multiplies by `gamma` at each milestone reached.
    case step(milestones: [Int], gamma: Double)
    /// Half a cosine from 1 to `floor` over steps `start ..< end`, constant before and after.
    case cosine(start: Int, end: Int, floor: Double)
    /// Straight from 1 to `floor` over steps `start ..< end`.
    case linear(start: Int, end: Int, floor: Double)
    /// Linear warm-up from `initial` to 1 over `steps`, times the inner schedule.
    indirect case warmUp(steps: Int, initial: Double, then: Schedule)
    /// One schedule after the other, each counting its steps from 0; the last one goes on.
    indirect case stages([ScheduleStage])

    public func factor(at step: Int) -> Double {
        switch self {
        case .constant: return 1
        case .step(let milestones, let gamma):
            return Foundation.pow(gamma, Double(milestones.filter { step >= $0 }.count))
        case .cosine(let start, let end, let floor):
            return floor + (1 - floor) * 0.5 * (1 + Foundation.cos(.pi * Self.progress(step, start, end)))
        case .linear(let start, let end, let floor):
            return 1 - (1 - floor) * Self.progress(step, start, end)
        case .warmUp(let steps, let initial, let inner):
            let ramp = steps > 0 && step < steps ? initial + (1 - initial) * Double(step) / Double(steps) : 1
            return ramp * inner.factor(at: step)
        case .stages(let stages):
            var start = 0
            for (index, stage) in stages.enumerated() {
                if step < start + stage.steps || index == stages.count - 1 {
                    return stage.scale * stage.schedule.factor(at: step - start)
                }
                start += stage.steps
            }
            return 1
        }
    }

    private static func progress(_ step: Int, _ start: Int, _ end: Int) -> Double {
        guard end > start else { return step >= start ? 1 : 0 }
        return Swift.min(1, Swift.max(0, Double(step - start) / Double(end - start)))
    }
}

/// A part of `Schedule.stages`.
public struct ScheduleStage: Sendable, Codable, Equatable {
    public var steps: Int
    /// Factor on the stage's schedule.
    public var scale: Double
    public var schedule: Schedule

    public init(steps: Int, scale: Double = 1, schedule: Schedule = .constant) {
        self.steps = steps
        self.scale = scale
        self.schedule = schedule
    }
}
