import Foundation
import Imaging
import NN
import Testing
import Torch
import Training
import TrainingProbe

@Suite struct TrainingLoopTests {
    private static func options(_ steps: Int) -> LoopOptions {
        var options = LoopOptions(steps: steps)
        options.logEvery = 4
        options.checkpointEvery = 7
        options.validateEvery = 5
        options.keepCheckpoints = 10
        return options
    }

    private static func loop(
        _ folder: TemporaryFolder, steps: Int, task: ShapesTask? = nil, options: LoopOptions? = nil,
        resume: ResumeMode = .automatic, workers: Int = 2, configuration: String = "{}",
        progress: ProgressReporter? = nil, isCancelled: @escaping () -> Bool = { false }
    ) throws -> TrainingLoop {
        try TrainingLoop(
            task ?? ShapesTask(seed: 11, steps: 20), loader: ShapesTask.loader(seed: 5, workers: workers),
            folder: folder.path, options: options ?? Self.options(steps), configuration: configuration,
            resume: resume,
            progress: progress, isCancelled: isCancelled)
    }

    @Test func aResumedRunEqualsAnUninterruptedOneBitForBit() throws {
        let whole = try TemporaryFolder()
        let parts = try TemporaryFolder()
        let first = try ShapesTask(seed: 11, steps: 20)
        try Self.loop(whole, steps: 23, task: first).run()
        // Stops that fall between log lines, checkpoints and epochs; another number of loader threads each time.
        var last = try ShapesTask(seed: 99, steps: 20)
        for (stop, workers) in [(3, 1), (9, 0), (10, 3), (23, 2)] {
            last = try ShapesTask(seed: 99, steps: 20)
            try Self.loop(
                parts, steps: stop, task: stop == 3 ? ShapesTask(seed: 11, steps: 20) : last, workers: workers
            )
            .run()
        }
        #expect(
            try MetricsLog.losses(parts.path).filter { $0.kind == .train }
                == MetricsLog.losses(whole.path).filter { $0.kind == .train })
        let expected = try first.components.tensors()
        for (key, tensor) in try last.components.tensors() {
            #expect(try tensor.bytes() == expected[key]?.bytes(), "\(key)")
        }
        #expect(try last.extraState()["running"]?.bytes() == first.extraState()["running"]?.bytes())
        let losses = try MetricsLog.losses(whole.path).compactMap { $0.values?["classification"] }
        #expect(losses.count == 5 && losses[4] < losses[0], "it learns: \(losses)")
    }

    @Test func learnsAndKeepsTheBest() throws {
        let folder = try TemporaryFolder()
        var options = LoopOptions(steps: 150)
        options.logEvery = 25
        options.validateEvery = 25
        options.sampleEvery = 50
        options.histogramEvery = 100
        options.bestMetric = "accuracy"
        let outcome = try Self.loop(
            folder, steps: 0, task: ShapesTask(seed: 11, steps: 150), options: options,
            configuration: #"{"rate":1}"#
        ).run()
        #expect(outcome.reason == .finished && outcome.step == 150 && outcome.startedAt == 0)
        #expect(outcome.history.validations.map(\.step) == [25, 50, 75, 100, 125, 150])
        let best = try #require(outcome.history.best)
        #expect(best.value > 0.9, "accuracy \(best.value); chance is 0.25")
        #expect(best.value == outcome.history.validations.compactMap { $0.values["accuracy"] }.max())
        #expect(
            folder.names == [
                "checkpoints", "config.json", "events", "log.jsonl", "losses.png", "published", "samples",
                "validation.png",
            ])
        let curve = try Image.read(folder.path + "/losses.png")
        #expect(curve.width == 720 && curve.height == 480)
        let plot = try LossCurve.plot(MetricsLog.read(folder.path + "/log.jsonl"))
        #expect(plot.series.map(\.name) == ["classification", "magnitude", "running"])
        #expect(plot.series[0].points.map(\.x) == [25, 50, 75, 100, 125, 150])
        #expect(try Checkpoint.readState(folder.path + "/checkpoints/best.safetensors").step == best.step)
        #expect(try String(contentsOfFile: folder.path + "/config.json", encoding: .utf8) == #"{"rate":1}"#)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path + "/samples").sorted() == [
                "step-00000050.png", "step-00000100.png", "step-00000150.png",
            ])
        // Warm-up to 1 over five steps, then half a cosine to 0.01.
        let rates = try MetricsLog.losses(folder.path).compactMap { $0.rates?["trunk"] }
        let factors = [24, 49, 74, 99, 124, 149].map { step in
            0.01 + 0.99 * 0.5 * (1 + cos(.pi * Double(step - 5) / 145))
        }
        #expect(zip(rates, factors).allSatisfy { abs($0 - 3e-3 * $1) < 1e-9 }, "\(rates)")
    }

    @Test(arguments: [0, 8]) func aLossThatIsNotANumberStopsTheRunAndIsExplained(step: Int) throws {
        let folder = try TemporaryFolder()
        let task = try ShapesTask(seed: 11, steps: 20)
        task.poisonedStep = step
        let before = try task.components.tensors().mapValues { try $0.bytes() }
        let thrown = #expect(throws: TrainingError.self) {
            try Self.loop(folder, steps: 20, task: task).run()
        }
        guard case .notFinite(let at, let term, let value, let items, let checkpoint)? = thrown else {
            Issue.record("\(String(describing: thrown))")
            return
        }
        #expect(at == step && term == "poison" && value == "nan")
        #expect(items.count == 8 && items.allSatisfy { $0.hasPrefix("shape-") })
        #expect(checkpoint == (step == 8 ? folder.path + "/checkpoints/step-00000007.safetensors" : nil))
        if let checkpoint { #expect(try Checkpoint.readState(checkpoint).step == 7) }
        // Not one weight was updated from the bad loss (dropout did draw, and batch statistics moved).
        if step == 0 {
            for (key, tensor) in try task.components.tensors()
            where key.hasSuffix(".weight") || key.hasSuffix(".bias") {
                #expect(try tensor.bytes() == before[key], "\(key)")
            }
        }
        let last = try #require(try MetricsLog.read(folder.path + "/log.jsonl").last)
        #expect(last.kind == .end && last.note?.contains("step \(step): poison is nan") == true)
        if step == 8 {
            let healthy = try Self.loop(folder, steps: 20, task: ShapesTask(seed: 1, steps: 20)).run()
            #expect(healthy.startedAt == 7 && healthy.reason == .finished)
        }
    }

    @Test func aRequestToStopEndsWithACheckpoint() throws {
        let folder = try TemporaryFolder()
        var asked = 0
        let outcome = try Self.loop(
            folder, steps: 20,
            isCancelled: {
                asked += 1; return asked > 3
            }
        ).run()
        #expect(outcome.reason == .interrupted && outcome.step == 3)
        #expect(outcome.checkpoint == folder.path + "/checkpoints/step-00000003.safetensors")
        #expect(try Self.loop(folder, steps: 20).run().startedAt == 3)
    }

    @Test func theTimeBudgetEndsTheSession() throws {
        let folder = try TemporaryFolder()
        var options = Self.options(1_000_000)
        options.minutes = 0.01
        let started = Date()
        let outcome = try Self.loop(folder, steps: 0, options: options).run()
        #expect(outcome.reason == .outOfTime && outcome.step > 0)
        #expect(Date().timeIntervalSince(started) < 30)
        #expect(try Checkpoint.readState(outcome.checkpoint ?? "").step == outcome.step)
    }

    @Test func resumeModesAreHeld() throws {
        let folder = try TemporaryFolder()
        #expect(
            message { try Self.loop(folder, steps: 2, resume: .required).run() }.contains(
                "no checkpoint to resume from"))
        try Self.loop(folder, steps: 2, resume: .fresh).run()
        #expect(
            message { try Self.loop(folder, steps: 4, resume: .fresh).run() }.contains(
                "the folder holds a run already"))
        #expect(try Self.loop(folder, steps: 4, resume: .required).run().startedAt == 2)
        // Nothing left to do: no new checkpoint, no error, and the result is there even where it was lost.
        let published = "\(folder.path)/published"
        #expect(try String(contentsOfFile: published, encoding: .utf8) == "4")
        try FileManager.default.removeItem(atPath: published)
        #expect(try Self.loop(folder, steps: 4).run().step == 4)
        #expect(try String(contentsOfFile: published, encoding: .utf8) == "4")
    }

    @Test func changedDataIsRefused() throws {
        let folder = try TemporaryFolder()
        try Self.loop(folder, steps: 2).run()
        let other = try DataLoader(sampler: SequentialSampler(count: 60, batchSize: 8), seed: 5) {
            index, seed in
            try ShapesTask.sample(index, seed: seed)
        }
        let loop = try TrainingLoop(
            ShapesTask(seed: 11, steps: 20), loader: other, folder: folder.path, options: Self.options(4))
        let text = message { try loop.run() }
        #expect(
            text.contains("step-00000002.safetensors") && text.contains("the data or the settings changed"),
            "\(text)")
    }

    @Test func checkpointsThatAreAllDamagedAreNotSilentlyReplaced() throws {
        let folder = try TemporaryFolder()
        let outcome = try Self.loop(folder, steps: 2).run()
        try Data("rubbish".utf8).write(to: URL(filePath: outcome.checkpoint ?? ""))
        #expect(
            message { try Self.loop(folder, steps: 4).run() }.contains(
                "no checkpoint in this folder can be read"))
    }

    @Test func theLogIsCutBackToTheCheckpoint() throws {
        let folder = try TemporaryFolder()
        var options = Self.options(6)
        options.logEvery = 1
        options.checkpointEvery = 4
        try Self.loop(folder, steps: 0, options: options).run()
        try FileManager.default.removeItem(atPath: folder.path + "/checkpoints/step-00000006.safetensors")
        let handle = try #require(FileHandle(forWritingAtPath: folder.path + "/log.jsonl"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"kind":"train","st"#.utf8))
        try handle.close()
        try Self.loop(folder, steps: 0, options: options).run()
        #expect(
            try MetricsLog.losses(folder.path).filter { $0.kind == .train }.map(\.step) == [1, 2, 3, 4, 5, 6])
    }

    @Test func progressAndItsNotes() throws {
        let folder = try TemporaryFolder()
        let output = RecordedOutput(isTerminal: false)
        try Self.loop(
            folder, steps: 6, configuration: #"{"a":1}"#,
            progress: ProgressReporter("train", total: 6, output: output, interval: 0)
        ).run()
        #expect(output.text.contains("step 5: accuracy"))
        #expect(output.text.contains("6/6"))
        try Self.loop(
            folder, steps: 7, configuration: #"{"a":2}"#,
            progress: ProgressReporter("train", total: 7, output: output)
        ).run()
        #expect(output.text.contains("resuming with a configuration that differs"))
        #expect(output.text.contains("at step 6"))
    }

    @Test func settingsThatCannotWorkAreNamed() throws {
        let folder = try TemporaryFolder()
        var options = LoopOptions(steps: 5)
        options.bestMetric = "accuracy"
        #expect(
            message { _ = try Self.loop(folder, steps: 0, options: options) }.contains(
                "needs validateEvery > 0"))
        options.validateEvery = 5
        options.bestMetric = "precision"
        #expect(
            message { try Self.loop(folder, steps: 0, options: options).run() }
                .contains(#"bestMetric 'precision' is not among the validation's metrics ["accuracy"]"#))
        options.minutes = 0
        #expect(message { _ = try Self.loop(folder, steps: 0, options: options) }.contains("minutes: 0.0"))
    }

    @Test func accumulatedGradientsEqualThoseOfTheWholeBatch() throws {
        let samples = try (0..<8).map { try ShapesTask.sample($0, seed: UInt64($0)) }
        func weights(_ sizes: [Int]) throws -> [Float] {
            let linear = try Linear(144, 4, in: Context(seed: 3))
            let entry = ScheduledOptimizer(SGD([ParameterGroup(linear.parameters(), rate: 0.1)]))
            let task = ClosureTask(components: .init(modules: ["linear": linear], optimizers: ["all": entry]))
            { batch, context in
                var start = 0
                for size in sizes {
                    let part = try batch.floats("image").narrow(0, start, size).flatten(from: 1)
                    var losses = Losses()
                    losses.add(
                        "classification", try linear(part).crossEntropy(batch["label"].narrow(0, start, size))
                    )
                    try context.backward(losses, scale: Double(size) / 8)
                    start += size
                }
                try context.update("all")
            }
            let loader = try DataLoader(sampler: SequentialSampler(count: 8, batchSize: 8), seed: 0) {
                index, _ in samples[index]
            }
            try TrainingLoop(
                task, loader: loader, folder: TemporaryFolder().path, options: LoopOptions(steps: 1)
            ).run()
            return try linear.parameters()[0].detach().floats()
        }
        let (whole, parts) = (try weights([8]), try weights([2, 6]))
        #expect(zip(whole, parts).allSatisfy { abs($0 - $1) < 1e-6 })
    }
}

private final class ClosureTask: TrainingTask {
    let components: TrainingComponents
    let body: (Batch, StepContext) throws -> Void

    init(components: TrainingComponents, _ body: @escaping (Batch, StepContext) throws -> Void) {
        self.components = components
        self.body = body
    }

    func step(_ batch: Batch, _ context: StepContext) throws { try body(batch, context) }
}
