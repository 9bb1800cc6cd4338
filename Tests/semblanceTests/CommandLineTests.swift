import Foundation
import Testing

@Suite struct CommandLineTests {
    @Test func mistakesGoToStandardErrorWithStatus64() throws {
        let process = try SemblanceProcess(["docter"])
        #expect(process.status == 64)
        #expect(process.output == "")
        #expect(
            process.errors.hasPrefix("semblance: error: unknown command 'docter'; did you mean 'doctor'?\n"))
    }

    @Test func everyCommandHasHelp() throws {
        let list = try SemblanceProcess(["--help"])
        #expect(list.status == 0)
        #expect(list.output.contains("USAGE\n  semblance COMMAND [OPTIONS]"))
        let rows = list.output.split(separator: "\n").drop { $0 != "COMMANDS" }.dropFirst().prefix {
            $0.hasPrefix("  ")
        }
        let names = rows.filter { !$0.hasPrefix("   ") }.map { String($0.dropFirst(2).prefix { $0 != " " }) }
        #expect(names.contains("doctor"))
        for name in names where name != "help" && name != "version" {
            let help = try SemblanceProcess(["help", name])
            #expect(help.status == 0)
            #expect(help.output.contains("USAGE\n  semblance \(name)"), "\(name)")
        }
    }

    @Test func closedReaderEndsQuietly() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "'\(SemblanceProcess.binary.path)' help doctor | true; exit 0"]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(String(decoding: text, as: UTF8.self) == "")
    }

    @Test func fullDiskIsAFailure() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "'\(SemblanceProcess.binary.path)' help doctor > /dev/full"]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(text == "semblance: error: cannot write to standard output: No space left on device\n")
    }
}
