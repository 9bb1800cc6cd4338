import CommandLineKit
import Foundation
import ReID
import Torch

/// `semblance-bench worker`: answers the runner's commands, one line of JSON each.
struct WorkerCommand: Command {
    static let name = "worker"
    static let abstract = "Run networks on command."
    static let discussion = """
        Commands on standard input: 'load NAME FOLDER' builds a network (NAME@BATCH, or step-float32, step-bfloat16, step-reid-128x64@64) and writes its \
        weights, inputs and outputs into the folder; 'run SECONDS' runs it at least once and for so long, and answers with the wall \
        time of each run and the processor time of all its threads.
        """

    @Option(help: "Threads to compute with.", in: .atLeast(1)) var threads: Int = 2
    @Flag(help: "Keep freed memory in the process, as 'semblance train' does.") var keepMemory: Bool

    private struct Answer: Encodable {
        var seconds: [Double]?
        var processor: [Double]?
        var error: String?
    }

    func run(_ invocation: Invocation) throws {
        Runtime.threads = threads
        if keepMemory { Runtime.keepFreedMemory() }
        var workload: Workload?
        while let line = readLine() {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            var answer = Answer()
            do {
                switch words.first {
                case "load" where words.count == 3:
                    workload = nil
                    workload = try load(words[1], folder: words[2])
                case "run" where words.count == 2:
                    guard let workload, let budget = Double(words[1]) else {
                        throw UsageError("'\(line)': nothing is loaded, or no number of seconds is given")
                    }
                    (answer.seconds, answer.processor) = try time(workload, seconds: budget)
                default: throw UsageError("'\(line)': expected 'load NAME FOLDER' or 'run SECONDS'")
                }
            } catch {
                answer.error = "\(error)"
            }
            print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
            fflush(nil)
        }
    }

    private func load(_ name: String, folder: String) throws -> Workload {
        let parts = name.split(separator: "@").map(String.init)
        let workload: Workload?
        let batch = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
        if let size = Self.personStepSize(parts[0]) {
            workload = try .personStep(height: size.height, width: size.width, batch: batch)
        } else if parts[0].hasPrefix("reid-"),
            let kind = BackboneKind(rawValue: String(parts[0].dropFirst(5)))
        {
            workload = try .personEmbedding(kind, batch: batch)
        } else if parts[0].hasPrefix("step-") {
            workload = try .unmaskerStep(precision: String(parts[0].dropFirst("step-".count)))
        } else {
            workload = try ForwardWorkloads(batch: batch).make(parts[0])
        }
        guard let workload else { throw UsageError("no network is called '\(name)'") }
        try workload.write(to: folder)
        return workload
    }

    /// Of "step-reid-128x64"; nil for another name.
    private static func personStepSize(_ name: String) -> (height: Int, width: Int)? {
        guard name.hasPrefix("step-reid-") else { return nil }
        let sizes = name.dropFirst("step-reid-".count).split(separator: "x").compactMap { Int($0) }
        return sizes.count == 2 ? (sizes[0], sizes[1]) : nil
    }

    private func time(_ workload: Workload, seconds budget: Double) throws -> ([Double], [Double]) {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(budget)
        var times: [Double] = []
        var busy: [Double] = []
        repeat {
            let before = Self.processorTime()
            let duration = try clock.measure { try workload.run() }
            busy.append(Self.processorTime() - before)
            times.append(duration / .seconds(1))
        } while clock.now < end
        return (times, busy)
    }

    /// Seconds that all threads of this process have computed.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
