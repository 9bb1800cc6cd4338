import CommandLineKit
import Testing

/// Whole help texts, so that a change of layout is seen.
@Suite struct HelpTests {
    @Test(arguments: [
        ["recover", "--help"], ["recover", "-h"], ["help", "recover"], ["recover", "--zebra", "-h"],
    ])
    func command(arguments: [String]) {
        let outcome = Outcome(arguments)
        #expect(outcome.status == 0)
        #expect(
            outcome.output == """
                Recover the faces under masks.

                USAGE
                  sample recover [OPTIONS] INPUT...

                ARGUMENTS
                  INPUT...  Photos, or folders of photos.

                OPTIONS
                  -o, --output DIR        Folder for the results. (default: .)
                      --mask-share X      Share of the face that a mask must cover to count as
                                          one. (0 to 1; default: 0.15)
                      --set KEY=VALUE...  Change a setting; may be repeated.
                  -c, --compare           Write a before-and-after panel.
                      --faces             Write the faces alone.
                      --[no-]blend        Blend at full resolution. (default: yes)
                      --json              Print the report as JSON on standard output.
                  -q, --quiet             Print no progress, only results and errors.
                  -h, --help              Show this help.

                COMPUTING
                      --device NAME  Where to compute. One of: auto, cpu, cuda. (default: auto)
                  -t, --threads N    Threads to use. (at least 1)
                      --seed N       Seed of everything random. (default: 0)

                The first paragraph is long enough that it has to be wrapped, whatever the
                width.

                A second.

                EXAMPLES
                  sample recover a.jpg -o out
                      One photo.

                  sample recover *.jpg
                      Many.

                """)
    }

    @Test func group() {
        #expect(
            Outcome(["train", "--help"]).output == """
                Train a network.

                USAGE
                  sample train COMMAND [OPTIONS]

                COMMANDS
                  one   Train one network.
                  fail  Fail in a chosen way.

                OPTIONS
                  -h, --help  Show this help.

                Help for one of them: sample train COMMAND --help

                """)
    }

    @Test(arguments: [[], ["--help"], ["help"]])
    func program(arguments: [String]) {
        #expect(
            Outcome(arguments).output == """
                A program for tests.

                USAGE
                  sample COMMAND [OPTIONS]

                COMMANDS
                  recover  Recover the faces under masks.
                  train    Train a network.
                  help     Show the help of a command.
                  version  Print the version.

                OPTIONS
                  -h, --help  Show this help.

                EXAMPLES
                  sample recover photo.jpg
                      Recover one photo.

                Help for one of them: sample COMMAND --help

                """)
    }

    @Test func requiredOption() {
        #expect(
            Outcome(["train", "one", "--help"]).output == """
                Train one network.

                USAGE
                  sample train one --data DIR FIRST [REST...] [LAST]

                ARGUMENTS
                  FIRST    First.
                  REST...  The others.
                  LAST     Unused. (above 0)

                OPTIONS
                      --data DIR  Data to learn from. (required)
                  -h, --help      Show this help.

                """)
    }

    @Test func narrowAndWide() throws {
        let declaration = try #require(Sample.program.declarations().first { $0.path.last == "recover" })
        for width in [40, 60, 110] {
            let lines = HelpFormatter(width: width).help(declaration).split(separator: "\n")
            // A line may be longer only where a label and one word leave no choice.
            #expect(lines.allSatisfy { $0.count <= max(width, 60) }, "width \(width)")
        }
    }
}
