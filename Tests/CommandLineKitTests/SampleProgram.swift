import CommandLineKit
import Synchronization

/// Commands that use every kind of declaration, and a place where they leave what they were given.
enum Sample {
    static let program = Program(
        name: "sample", version: "1.2.3", abstract: "A program for tests.",
        examples: [CommandExample("sample recover photo.jpg", "Recover one photo.")],
        commands: [
            .command(Recover.self),
            .group(
                name: "train", abstract: "Train a network.",
                [.command(TrainOne.self), .command(Fail.self)]),
        ])

    enum Device: String, CaseIterable, ArgumentValue { case auto, cpu, cuda }

    struct Compute: OptionGroup {
        static let title = "Computing"
        @Option(help: "Where to compute.") var device: Device = .auto
        @Option(short: "t", help: "Threads to use.", in: .atLeast(1)) var threads: Int?
        @Option(help: "Seed of everything random.") var seed: UInt64 = 0
    }

    struct Recover: Command {
        static let name = "recover"
        static let abstract = "Recover the faces under masks."
        static let discussion =
            "The first paragraph is long enough that it has to be wrapped, whatever the width.\n\nA second."
        static let examples = [
            CommandExample("sample recover a.jpg -o out", "One photo."),
            CommandExample("sample recover *.jpg", "Many."),
        ]
        static let mutuallyExclusive = [["faces", "compare"]]

        @Argument(help: "Photos, or folders of photos.") var input: [FilePath]
        @Option(short: "o", help: "Folder for the results.", value: "DIR", completion: .folder) var output:
            FilePath = "."
        @Option(help: "Share of the face that a mask must cover to count as one.", in: .between(0, 1))
        var maskShare = 0.15
        @Option(help: "Change a setting; may be repeated.", value: "KEY=VALUE") var set: [String]
        @Flag(short: "c", help: "Write a before-and-after panel.") var compare: Bool
        @Flag(help: "Write the faces alone.") var faces: Bool
        @Flag(help: "Blend at full resolution.", invertible: true) var blend = true
        let compute = Compute()
        let report = ReportOptions()

        func validate() throws(UsageError) {
            if set.contains("bad") { throw UsageError("--set: 'bad' is not KEY=VALUE") }
        }

        func run(_ invocation: Invocation) throws {
            let words: [String] = [
                "input=\(input.map(\.string).joined(separator: "|"))", "output=\(output)",
                "maskShare=\(maskShare)",
                "set=\(set.joined(separator: "|"))", "compare=\(compare)", "faces=\(faces)", "blend=\(blend)",
                "device=\(compute.device)", "threads=\(compute.threads.map(String.init) ?? "nil")",
                "seed=\(compute.seed)",
            ]
            for word in words { try invocation.reporter.line(word) }
            invocation.reporter.note("a note")
            try invocation.reporter.result(["path": invocation.path.joined(separator: " "), "url": "a/b"])
        }
    }

    struct TrainOne: Command {
        static let name = "one"
        static let abstract = "Train one network."
        @Option(help: "Data to learn from.", value: "DIR") var data: FilePath
        @Argument(help: "First.") var first: Int
        @Argument(help: "The others.") var rest: [Double] = []
        @Argument(help: "Unused.", in: .above(0)) var last: Double?

        func run(_ invocation: Invocation) throws {
            try invocation.reporter.line("\(data) \(first) \(rest)")
        }
    }

    struct Fail: Command {
        static let name = "fail"
        static let abstract = "Fail in a chosen way."
        enum Way: String, CaseIterable, ArgumentValue { case error, usage, exit, cancel, closed }
        struct Broken: Error, CustomStringConvertible { var description: String { "weights.bin is broken" } }
        @Argument(help: "How.") var way: Way

        func run(_ invocation: Invocation) throws {
            switch way {
            case .error: throw Broken()
            case .usage: throw UsageError("these do not go together")
            case .exit: throw Exit(3)
            case .cancel:
                invocation.cancellation.cancel()
                try invocation.cancellation.check()
            case .closed: throw OutputError(isClosed: true, message: "closed")
            }
        }
    }
}

/// What a command line printed, and how it ended.
struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    init(_ arguments: [String], program: Program = Sample.program) {
        let output = Memory()
        let errors = Memory()
        status = program.run(
            arguments, output: output.sink(), errors: errors.sink(), cancellation: Cancellation())
        self.output = output.text
        self.errors = errors.text
    }
}

/// Text that was written.
final class Memory: Sendable {
    private let content = Mutex("")

    var text: String { content.withLock { $0 } }

    func sink(isTerminal: Bool = false) -> TextOutput {
        TextOutput(isTerminal: isTerminal) { text throws(OutputError) in self.content.withLock { $0 += text }
        }
    }
}
