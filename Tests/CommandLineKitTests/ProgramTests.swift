import CommandLineKit
import Testing

@Suite struct ProgramTests {
    @Test func failuresHaveTheirStatus() {
        let error = Outcome(["train", "fail", "error"])
        #expect(error.status == 1)
        #expect(error.errors == "semblance: error: weights.bin is broken\n")
        #expect(Outcome(["train", "fail", "exit"]).status == 3)
        #expect(Outcome(["train", "fail", "exit"]).errors == "")
        #expect(Outcome(["train", "fail", "cancel"]).status == 130)
        #expect(Outcome(["train", "fail", "closed"]).status == 141)
        #expect(Outcome(["train", "fail", "closed"]).errors == "")
    }

    @Test(arguments: [["version"], ["--version"]])
    func versionIsPrinted(arguments: [String]) {
        #expect(Outcome(arguments).output == "sample 1.2.3\n")
    }

    @Test func jsonIsAloneOnStandardOutput() {
        let outcome = Outcome(["recover", "a", "--json"])
        #expect(outcome.output == "{\n  \"path\" : \"sample recover\",\n  \"url\" : \"a/b\"\n}\n")
        #expect(outcome.errors == "a note\n")
        #expect(Outcome(["recover", "a", "--json", "-q"]).errors == "")
    }

    @Test func unwritableOutputIsAFailure() {
        let full = TextOutput { _ throws(OutputError) in
            throw OutputError(isClosed: false, message: "the disk is full")
        }
        let errors = Memory()
        #expect(Sample.program.run(["recover", "a"], output: full, errors: errors.sink()) == 1)
        #expect(errors.text == "semblance: error: the disk is full\n")
    }

    @Test func contradictoryDeclarationsAreReported() {
        struct Twice: Command {
            static let name = "twice"
            static let abstract = ""
            static let mutuallyExclusive = [["a", "zebra"]]
            @Option(short: "h", help: "") var a: Int?
            @Flag(name: "a", help: "") var b: Bool
            @Argument(help: "") var first: [String] = []
            @Argument(help: "") var second: [String]
            func run(_ invocation: Invocation) throws {}
        }
        let program = Program(
            name: "p", version: "1", abstract: "", commands: [.command(Twice.self), .command(Twice.self)])
        let problems = Set(program.declarationProblems())
        #expect(
            problems == [
                "'p' declares the command 'twice' 2 times", "'p twice' declares the option 'a' 2 times",
                "'p twice' declares the short option 'h' 2 times",
                "'p twice' declares more than one repeated argument",
                "'p twice' declares a required argument after an optional one",
                "'p twice' excludes an option 'zebra' that it does not declare",
            ])
        #expect(Outcome(["version"], program: program).status == 70)
        #expect(Sample.program.declarationProblems().isEmpty)
    }

    @Test func declarationsCoverEveryCommand() {
        let paths = Sample.program.declarations().map { $0.path.joined(separator: " ") }
        #expect(
            paths == ["sample", "sample recover", "sample train", "sample train one", "sample train fail"])
        let output = Sample.program.declarations()[1].options[0]
        #expect(output.name == "output" && output.completion == .folder && output.defaultText == ".")
    }
}
