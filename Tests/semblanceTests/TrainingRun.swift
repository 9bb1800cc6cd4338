import Foundation
import Testing
import Training

/// Runs of one `train` command in a folder, some of them killed on the way.
struct TrainingRun {
    let folder: String
    /// Everything but the run's own folder.
    let command: [String]

    func arguments(_ run: String) -> [String] { command + ["-o", "\(folder)/\(run)", "--threads", "1"] }

    func train(_ run: String, _ more: [String]) throws -> SemblanceProcess {
        // No weights of the machine's: what is missing must be asked for.
        let environment = ["OMP_NUM_THREADS": "1", "SEMBLANCE_EDGEFACE": "", "SEMBLANCE_IR_SE50": ""]
        return try SemblanceProcess(arguments(run) + more, environment: environment)
    }

    /// What must not change when a run is interrupted.
    func curve(_ run: String) throws -> [MetricsLog.Line] {
        try MetricsLog.read("\(folder)/\(run)/log.jsonl").filter {
            $0.kind == .train || $0.kind == .validation
        }
        .map { MetricsLog.Line(kind: $0.kind, step: $0.step, seconds: 0, values: $0.values, rates: $0.rates) }
    }

    /// Kills the command with SIGKILL once it has logged a step.
    func trainAndKill(_ run: String, after step: Int) throws {
        let process = Process()
        process.executableURL = SemblanceProcess.binary
        process.arguments = arguments(run) + ["--quiet"]
        process.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = Date(timeIntervalSinceNow: 60)
        while Date() < deadline, process.isRunning {
            let lines = (try? MetricsLog.read("\(folder)/\(run)/log.jsonl")) ?? []
            if lines.contains(where: { $0.kind == .train && $0.step >= step }) { break }
            Thread.sleep(forTimeInterval: 0.002)
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal, "the run ended before it was killed")
    }
}
