import Foundation
import NN
import Testing

@Suite struct ScheduleTests {
    static let schedules: [String: Schedule] = [
        "constant": .constant,
        "step": .step(milestones: [5, 12, 13], gamma: 0.3),
        "cosine": .cosine(start: 0, end: 30, floor: 0.1),
        "linear": .linear(start: 0, end: 20, floor: 0.2),
        "warmUp": .warmUp(steps: 8, initial: 0.1, then: .constant),
        "warmUpStep": .warmUp(steps: 6, initial: 0.25, then: .step(milestones: [4, 9], gamma: 0.5)),
    ]

    @Test(arguments: schedules.keys.sorted()) func followsPyTorch(_ name: String) throws {
        let stored = try Reference.json("schedules.json", as: [String: [Double]].self)
        #expect(Set(stored.keys) == Set(Self.schedules.keys))
        let expected = try #require(stored[name])
        #expect(expected.count == 30)
        let schedule = try #require(Self.schedules[name])
        for (step, factor) in expected.enumerated() {
            #expect(abs(schedule.factor(at: step) - factor) < 1e-9, "step \(step)")
        }
    }

    @Test func startsLateAndStaysAtItsFloor() {
        let cosine = Schedule.cosine(start: 10, end: 20, floor: 0.25)
        #expect(cosine.factor(at: 0) == 1)
        #expect(cosine.factor(at: 10) == 1)
        #expect(abs(cosine.factor(at: 15) - 0.625) < 1e-12)
        #expect(abs(cosine.factor(at: 20) - 0.25) < 1e-12)
        #expect(abs(cosine.factor(at: 1000) - 0.25) < 1e-12)
        let linear = Schedule.linear(start: 4, end: 8, floor: 0)
        #expect([3, 4, 6, 8, 9].map(linear.factor) == [1, 1, 0.5, 0, 0])
        #expect(Schedule.warmUp(steps: 0, initial: 0, then: .constant).factor(at: 0) == 1)
        #expect(Schedule.linear(start: 5, end: 5, floor: 0.5).factor(at: 5) == 0.5)
    }

    @Test func survivesJSON() throws {
        for schedule in Self.schedules.values {
            let copy = try JSONDecoder().decode(Schedule.self, from: JSONEncoder().encode(schedule))
            #expect(copy == schedule)
        }
    }

    @Test("stages follow each other, each from its own start") func stages() {
        let schedule = Schedule.stages([
            ScheduleStage(steps: 4, scale: 0.5, schedule: .linear(start: 0, end: 4, floor: 0)),
            ScheduleStage(steps: 2, schedule: .warmUp(steps: 2, initial: 0, then: .constant)),
        ])
        #expect((0..<8).map { schedule.factor(at: $0) } == [0.5, 0.375, 0.25, 0.125, 0, 0.5, 1, 1])
    }
}
