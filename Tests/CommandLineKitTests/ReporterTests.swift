import CommandLineKit
import Testing

@Suite struct ReporterTests {
    @Test func progressRedrawsOneLineOnATerminal() throws {
        let (output, errors) = (Memory(), Memory())
        let reporter = Reporter(output: output.sink(), errors: errors.sink(isTerminal: true))
        reporter.progress("1 of 3")
        reporter.progress("2 of 3")
        try reporter.line("a result")
        reporter.progress("3 of 3", isFinal: true)
        #expect(output.text == "a result\n")
        #expect(errors.text == "\r\u{1B}[K1 of 3\r\u{1B}[K\r\u{1B}[K3 of 3\n")
    }

    @Test func progressIsSparseElsewhere() {
        let errors = Memory()
        let reporter = Reporter(output: Memory().sink(), errors: errors.sink())
        for step in 1...1000 { reporter.progress("step \(step)") }
        reporter.progress("all", isFinal: true)
        #expect(errors.text == "step 1\nall\n")
    }

    @Test func quietKeepsWarnings() {
        let errors = Memory()
        let reporter = Reporter(output: Memory().sink(), errors: errors.sink(), quiet: true)
        reporter.progress("1")
        reporter.note("2")
        reporter.warning("no face in a.jpg")
        #expect(errors.text == "semblance: warning: no face in a.jpg\n")
    }

    @Test func notANumberIsNoJSON() {
        let reporter = Reporter(output: Memory().sink(), errors: Memory().sink(), json: true)
        #expect(throws: OutputError.self) { try reporter.result(["auc": Double.nan]) }
    }
}
