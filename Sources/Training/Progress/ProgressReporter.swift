import Foundation

/// Shows how far work has come: on a terminal a bar that is redrawn at most ten times a second, elsewhere a plain line every
/// ten seconds, so that a log file stays readable.
///
///     train  42% ██████████▌               4200/10000  11.8 step/s  8:12 left  loss 0.213
///
/// Use it from one thread.
public final class ProgressReporter {
    private let label: String
    private let unit: String
    private let total: Int?
    private let output: any ProgressOutput
    private let interval: Double
    private let now: () -> Double
    private let started: Double
    /// (time, done) of the last half minute, from which the rate is taken.
    private var recent: [(time: Double, done: Int)]
    private var lastShown: Double?
    private var isShown = false
    private var isFinished = false

    /// - Parameters:
    ///   - total: amount of work; nil if unknown (no bar and no remaining time then).
    ///   - start: work that was done before (a resumed run); not counted in the rate.
    ///   - interval: least seconds between updates; nil takes 0.1 on a terminal and 10 elsewhere.
    ///   - now: seconds of a steady clock.
    public init(
        _ label: String, total: Int?, start: Int = 0, unit: String = "step",
        output: any ProgressOutput = StandardErrorOutput(), interval: Double? = nil,
        now: @escaping () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
    ) {
        self.label = label
        self.unit = unit
        self.total = total
        self.output = output
        self.interval = interval ?? (output.isTerminal ? 0.1 : 10)
        self.now = now
        started = now()
        recent = [(started, start)]
    }

    /// - Parameters:
    ///   - done: work done so far, in units.
    ///   - detail: shown at the end of the line.
    public func update(_ done: Int, _ detail: @autoclosure () -> String = "") {
        let time = now()
        guard !isFinished else { return }
        if let last = recent.last, recent.count > 1, time - last.time < 0.05, done < total ?? .max {
            recent[recent.count - 1] = (last.time, done)
        } else {
            recent.append((time, done))
            while recent.count > 2, time - recent[0].time > 30 { recent.removeFirst() }
        }
        guard time - (lastShown ?? started) >= interval || (lastShown == nil && output.isTerminal) else {
            return
        }
        lastShown = time
        show(text(done, time, detail()), isFinal: false)
    }

    /// Writes a line above the bar.
    public func line(_ text: String) {
        output.write((isShown ? "\r\u{1B}[K" : "") + text + "\n")
        isShown = false
        lastShown = nil
    }

    /// Shows the last state and ends the line.
    public func finish(_ done: Int, _ detail: String = "") {
        guard !isFinished else { return }
        isFinished = true
        show(text(done, now(), detail), isFinal: true)
    }

    private func show(_ text: String, isFinal: Bool) {
        guard output.isTerminal else { return output.write(text + "\n") }
        output.write("\r\u{1B}[K" + text + (isFinal ? "\n" : ""))
        isShown = !isFinal
    }

    private func text(_ done: Int, _ time: Double, _ detail: String) -> String {
        var parts = [label]
        if let total, total > 0 {
            let share = min(1, max(0, Double(done) / Double(total)))
            parts.append(String(Int(share * 100)) + "%")
            if output.isTerminal {
                parts.append(Self.bar(share, width: min(30, max(10, output.columns / 5))))
            }
            parts.append("\(done)/\(total)")
        } else {
            parts.append("\(done) \(unit)s")
        }
        if let rate = rate(done, time) {
            parts.append(
                rate >= 1 || rate == 0
                    ? "\(Self.short(rate)) \(unit)/s" : "\(Self.short(1 / rate)) s/\(unit)")
            if let total, done < total, rate > 0 {
                parts.append("\(Self.duration(Double(total - done) / rate)) left")
            }
        }
        if let total, done >= total { parts.append("in \(Self.duration(time - started))") }
        if !detail.isEmpty { parts.append(detail) }
        let line = parts.joined(separator: "  ")
        // A line that wraps cannot be redrawn.
        return output.isTerminal ? String(line.prefix(max(20, output.columns - 1))) : line
    }

    private func rate(_ done: Int, _ time: Double) -> Double? {
        let first = recent[0]
        guard time > first.time, done > first.done else { return nil }
        return Double(done - first.done) / (time - first.time)
    }

    static func bar(_ share: Double, width: Int) -> String {
        let eighths = Int(share * Double(width) * 8)
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        let full = String(repeating: "█", count: eighths / 8) + partial
        return full + String(repeating: " ", count: width - full.count)
    }

    static func short(_ value: Double) -> String {
        // The limits allow for the rounding: 99.96 is 100, not 100.0.
        let digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
        return String(format: "%.\(digits)f", value)
    }

    static func duration(_ seconds: Double) -> String {
        let total = Int(min(seconds, 1e8).rounded())
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
    }
}
