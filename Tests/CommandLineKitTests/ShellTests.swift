import CommandLineKit
import Foundation
import Testing

/// Completion and manual pages, read by the programs that they are for.
@Suite struct ShellTests {
    private static func has(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    /// What a program prints when it is given a text, and what it complains about.
    private func run(_ arguments: [String], input: String = "") throws -> (
        output: String, errors: String, status: Int32
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try ["input", "output", "errors"].map { name in
            let url = folder.appendingPathComponent(name)
            try Data(name == "input" ? Array(input.utf8) : []).write(to: url)
            return url
        }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        process.currentDirectoryURL = folder
        try process.run()
        process.waitUntilExit()
        return (
            try String(contentsOf: files[1], encoding: .utf8),
            try String(contentsOf: files[2], encoding: .utf8),
            process.terminationStatus
        )
    }

    /// What bash offers behind these words; the last one is being typed.
    private func bash(_ words: [String]) throws -> [String] {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let script =
            Sample.program.completion(for: .bash) + """

                compopt() { :; }
                touch photo.jpg; mkdir folder
                COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1)
                _sample
                printf '%s\\n' "${COMPREPLY[@]}"
                """
        let result = try run(["bash", "-u", "/dev/stdin"], input: script)
        #expect(result.errors == "")
        return result.output.split(separator: "\n").map(String.init).sorted()
    }

    @Test(.enabled(if: has("bash"))) func bashCompletes() throws {
        #expect(try bash(["sample", ""]) == ["help", "recover", "train", "version"])
        #expect(try bash(["sample", "tr"]) == ["train"])
        #expect(try bash(["sample", "train", ""]) == ["fail", "one"])
        #expect(try bash(["sample", "recover", "--no"]) == ["--no-blend"])
        #expect(try bash(["sample", "recover", "--device", ""]) == ["auto", "cpu", "cuda"])
        #expect(try bash(["sample", "recover", "--device", "cu"]) == ["cuda"])
        #expect(try bash(["sample", "recover", "-o", ""]) == ["folder"])
        #expect(try bash(["sample", "recover", "ph"]) == ["photo.jpg"])
        #expect(try bash(["sample", "train", "fail", "ca"]) == ["cancel"])
        #expect(try bash(["sample", "recover", "--threads", ""]) == [])
    }

    @Test(.enabled(if: has("zsh"))) func zshReadsItsScript() throws {
        let result = try run(["zsh", "-n", "/dev/stdin"], input: Sample.program.completion(for: .zsh))
        #expect(result.errors == "" && result.status == 0)
        let sourced = try run(
            [
                "zsh", "-f", "-c",
                "autoload -U compinit; compinit -u -D; source /dev/stdin; print ${_comps[sample]}",
            ],
            input: Sample.program.completion(for: .zsh))
        #expect(sourced.output == "_sample\n" && sourced.errors == "")
    }

    @Test(.enabled(if: has("fish"))) func fishCompletes() throws {
        func fish(_ line: String) throws -> [String] {
            let result = try run(
                ["fish", "--no-config", "/dev/stdin"],
                input: Sample.program.completion(for: .fish) + "\ncomplete -C '\(line)'\n")
            #expect(result.errors == "")
            return result.output.split(separator: "\n").map { String($0.split(separator: "\t")[0]) }.sorted()
        }
        #expect(try fish("sample ") == ["help", "recover", "train", "version"])
        #expect(try fish("sample train ") == ["fail", "one"])
        #expect(try fish("sample recover --device c") == ["cpu", "cuda"])
        #expect(try fish("sample recover --no") == ["--no-blend"])
        #expect(try fish("sample train fail ca") == ["cancel"])
    }

    @Test func scriptsNameEveryOption() {
        for shell in Shell.allCases {
            let script = Sample.program.completion(for: shell)
            for name in ["mask-share", "threads", "blend", "compare", "data", "quiet"] {
                #expect(script.contains(name), "\(shell) \(name)")
            }
        }
    }

    @Test func manualHoldsEverything() throws {
        let page = Sample.program.manual(notes: [("Notes", "A 'note' that\nends.")])
        #expect(page.hasPrefix(".TH \"SAMPLE\" 1 \"\" \"sample 1.2.3\""))
        for part in [
            ".SS \"train one\"", "\\fB\\-\\-mask\\-share\\fR \\fIX\\fR",
            "Share of the face that a mask must cover to count as one. (0 to 1; default: 0.15)",
            "\\fBsample recover a.jpg \\-o out\\fR", "\\fB\\-\\-blend\\fR, \\fB\\-\\-no\\-blend\\fR",
            ".SH \"NOTES\"",
        ] { #expect(page.contains(part), "\(part)") }
        guard Self.has("man"), Self.has("groff") else { return }
        let result = try run(["groff", "-ww", "-man", "-Tutf8", "-P-cbou"], input: page)
        #expect(result.errors == "" && result.status == 0)
        #expect(result.output.contains("sample train one --data DIR FIRST [REST...] [LAST]"))
    }

    /// A command that has others below it.
    @Test func commandsMayHaveCommandsBelow() {
        struct Serve: Command {
            static let name = "serve"
            static let abstract = "Serve."
            @Option(help: "Port.") var port: Int = 80
            func run(_ invocation: Invocation) throws { try invocation.reporter.line("serving \(port)") }
        }
        struct Add: Command {
            static let name = "add"
            static let abstract = "Add."
            @Argument(help: "Who.") var who: String
            func run(_ invocation: Invocation) throws { throw Exit(3) }
        }
        let program = Program(
            name: "tool", version: "1", abstract: "A tool.",
            commands: [
                .branch(Serve.self, [.group(name: "token", abstract: "Tokens.", [.command(Add.self)])])
            ])
        #expect(program.declarationProblems() == [])
        #expect(Outcome(["serve", "--port", "81"], program: program).status == 0)
        #expect(Outcome(["serve"], program: program).status == 0)
        #expect(Outcome(["serve", "token", "add", "me"], program: program).status == 3)
        #expect(Outcome(["serve", "tokens"], program: program).status == 64)
        #expect(Outcome(["serve", "token"], program: program).status == 64)
        let help = Outcome(["help", "serve"], program: program).output
        #expect(help.contains("tool serve [COMMAND] [OPTIONS]") && help.contains("token"))
        #expect(help.contains("--port N"))
        #expect(
            program.declarations().map { $0.path.joined(separator: " ") } == [
                "tool", "tool serve", "tool serve token", "tool serve token add",
            ])
    }
}
