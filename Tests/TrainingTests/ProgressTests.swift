import Foundation
import Testing
import Training

@Suite struct ProgressTests {
    private final class Clock {
        var time = 100.0
    }

    private static func reporter(_ output: RecordedOutput, _ clock: Clock, total: Int?, start: Int = 0)
        -> ProgressReporter
    {
        ProgressReporter("train", total: total, start: start, output: output, now: { clock.time })
    }

    @Test func terminalGetsABarThatIsRedrawn() {
        let output = RecordedOutput(isTerminal: true)
        let clock = Clock()
        let progress = Self.reporter(output, clock, total: 200)
        for step in 1...200 {
            clock.time += 0.01
            progress.update(step, "loss 0.5")
        }
        progress.finish(200, "loss 0.4")
        let frames = output.text.components(separatedBy: "\r\u{1B}[K").dropFirst()
        // The first update, one per tenth of a second after, and the end.
        #expect((20...22).contains(frames.count), "\(frames.count) frames")
        #expect(output.text.hasSuffix("in 0:02  loss 0.4\n"))
        #expect(frames.dropLast().allSatisfy { !$0.contains("\n") && $0.count < 100 })
        let middle = Array(frames)[10]
        #expect(middle.contains("100 step/s") && middle.contains("left") && middle.contains("█"), "\(middle)")
    }

    @Test func redirectedGetsPlainLinesNowAndThen() {
        let output = RecordedOutput(isTerminal: false)
        let clock = Clock()
        let progress = Self.reporter(output, clock, total: 300)
        for step in 1...300 {
            clock.time += 0.5
            progress.update(step)
        }
        progress.finish(300)
        let lines = output.text.split(separator: "\n")
        // 150 seconds at ten seconds a line, and the last one.
        #expect((14...16).contains(lines.count), "\(lines.count) lines")
        #expect(!output.text.contains("\r") && !output.text.contains("\u{1B}"))
        #expect(lines[0] == "train  6%  20/300  2.00 step/s  2:20 left")
        #expect(lines.last?.hasSuffix("in 2:30") == true)
    }

    @Test func resumedWorkIsNotCountedInTheRate() {
        let output = RecordedOutput(isTerminal: false)
        let clock = Clock()
        let progress = Self.reporter(output, clock, total: 2000, start: 1000)
        clock.time += 10
        progress.update(1005)
        #expect(output.text == "train  50%  1005/2000  2.00 s/step  33:10 left\n")
    }

    @Test func unknownTotalsAndNarrowTerminals() {
        let clock = Clock()
        let plain = RecordedOutput(isTerminal: false)
        let counting = Self.reporter(plain, clock, total: nil)
        clock.time += 20
        counting.update(40)
        #expect(plain.text == "train  40 steps  2.00 step/s\n")
        let narrow = RecordedOutput(isTerminal: true, columns: 30)
        let bar = Self.reporter(narrow, clock, total: 10)
        bar.update(5, String(repeating: "long ", count: 20))
        #expect(narrow.text.replacingOccurrences(of: "\r\u{1B}[K", with: "").count <= 29)
    }

    @Test func linesGoAboveTheBar() {
        let output = RecordedOutput(isTerminal: true)
        let progress = Self.reporter(output, Clock(), total: 10)
        progress.update(1)
        progress.line("saved")
        progress.line("twice")
        #expect(output.text.hasSuffix("\r\u{1B}[Ksaved\ntwice\n"))
    }
}
