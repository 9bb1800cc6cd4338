import Foundation
import Imaging
import Torch

extension TrainingLoop {
    func line(
        _ kind: MetricsLog.Line.Kind, _ values: [String: Double]? = nil, note: String? = nil
    ) -> MetricsLog.Line {
        MetricsLog.Line(kind: kind, step: state.step, seconds: totalSeconds, values: values, note: note)
    }

    /// Means since the last line, rates and throughput.
    func writeLog() throws {
        let seconds = steppingTime / .seconds(1)
        var line = line(.train, state.means.values)
        line.rates = components.optimizers.mapValues { $0.optimizer.groups.first?.rate ?? 0 }
        line.samplesPerSecond = seconds > 0 ? Double(samplesSinceLog) / seconds : nil
        try log?.add(line)
        for (name, value) in state.means.values.sorted(by: { $0.key < $1.key }) {
            try events?.scalar("train/\(name)", value, step: state.step)
        }
        for (name, rate) in (line.rates ?? [:]).sorted(by: { $0.key < $1.key }) {
            try events?.scalar("rate/\(name)", rate, step: state.step)
        }
        if let speed = line.samplesPerSecond {
            try events?.scalar("speed/samples per second", speed, step: state.step)
        }
        state.means.reset()
        samplesSinceLog = 0
        steppingTime = .zero
    }

    /// - Returns: whether the metric that selects the best checkpoint has a new best value.
    func validate() throws -> Bool {
        let values = try task.validate()
        state.history.add(step: state.step, values)
        try log?.add(line(.validation, values.filter(\.value.isFinite)))
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            try events?.scalar("validation/\(name)", value, step: state.step)
        }
        let shown = values.sorted { $0.key < $1.key }.map { "\($0.key) \(String(format: "%.4g", $0.value))" }
        progress?.line("step \(state.step): \(shown.joined(separator: "  "))")
        guard let metric = options.bestMetric else { return false }
        guard let value = values[metric] else {
            throw TrainingError.invalidArgument(
                "bestMetric '\(metric)' is not among the validation's metrics \(values.keys.sorted())")
        }
        guard value.isFinite else { return false }
        if let best = state.history.best, best.metric == metric,
            options.higherIsBetter ? value <= best.value : value >= best.value
        {
            return false
        }
        state.history.best = .init(step: state.step, metric: metric, value: value)
        return true
    }

    func writeSamples() throws {
        try writeCurves()
        guard let grid = try task.sampleGrid() else { return }
        try makeFolder("\(folder)/samples")
        let digits = String(state.step)
        let name = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        try grid.writePNG("\(folder)/samples/step-\(name).png")
        try events?.image("samples", grid, step: state.step)
    }

    /// `losses.png` and `validation.png`, once there is something to draw a line through.
    func writeCurves() throws {
        let lines = try MetricsLog.read("\(folder)/log.jsonl")
        for (kind, name) in [(MetricsLog.Line.Kind.train, "losses"), (.validation, "validation")]
        where lines.count(where: { $0.kind == kind }) > 1 {
            try LossCurve.plot(lines, kind: kind).writePNG("\(folder)/\(name).png")
        }
    }

    func writeHistograms() throws {
        for (name, module) in components.modules.sorted(by: { $0.key < $1.key }) {
            for (key, tensor) in module.namedParameters() {
                try events?.histogram("\(name)/\(key)", try tensor.detach().floats(), step: state.step)
            }
        }
    }
}
