import CommandLineKit
import Testing

@Suite struct ParserTests {
    static let defaults = [
        "output=.", "maskShare=0.15", "set=", "compare=false", "faces=false", "blend=true", "device=auto",
        "threads=nil",
        "seed=0",
    ]

    /// Arguments, and the values that differ from the defaults.
    @Test(arguments: [
        (["a.jpg"], ["input=a.jpg"]),
        (["a.jpg", "b c.jpg", "-"], ["input=a.jpg|b c.jpg|-"]),
        (["--output", "x", "a"], ["input=a", "output=x"]),
        (["--output=x=y", "a"], ["input=a", "output=x=y"]),
        (["-o", "x", "a"], ["input=a", "output=x"]),
        (["-ox", "a"], ["input=a", "output=x"]),
        (["-o=x", "a"], ["input=a", "output=x"]),
        (["a", "-o", "x", "-o", "y"], ["input=a", "output=y"]),
        (["-cq", "a"], ["input=a", "compare=true"]),
        (["-cox", "a"], ["input=a", "output=x", "compare=true"]),
        (["-ct3", "a"], ["input=a", "compare=true", "threads=3"]),
        (["--set", "a=1", "--set=b=2", "a"], ["input=a", "set=a=1|b=2"]),
        (["--no-blend", "a"], ["input=a", "blend=false"]),
        (["--no-blend", "--blend", "a"], ["input=a", "blend=true"]),
        (
            ["--device", "cpu", "--seed", "18446744073709551615", "a"],
            ["input=a", "device=cpu", "seed=18446744073709551615"]
        ),
        (["--mask-share", "1e-2", "a"], ["input=a", "maskShare=0.01"]),
        (["a", "--", "--faces", "-o"], ["input=a|--faces|-o"]),
        (["-3.5", "a"], ["input=-3.5|a"]),
    ])
    func valuesAreRead(arguments: [String], differing: [String]) {
        let outcome = Outcome(["recover"] + arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        var expected: [String: String] = [:]
        for pair in Self.defaults + differing {
            let name = String(pair.prefix { $0 != "=" })
            expected[name] = String(pair.dropFirst(name.count + 1))
        }
        let order = [
            "input", "output", "maskShare", "set", "compare", "faces", "blend", "device", "threads", "seed",
        ]
        #expect(outcome.output == order.map { "\($0)=\(expected[$0] ?? "")\n" }.joined())
    }

    @Test func positionalsAreSharedOut() {
        #expect(Outcome(["train", "one", "--data", "d", "4", "-1.5", "2"]).output == "d 4 [-1.5, 2.0]\n")
    }

    /// Arguments, and the message; every one of them ends with status 64 and prints nothing on standard output.
    @Test(arguments: [
        (["recover"], "missing INPUT..."),
        (["recover", "a", "--ouput", "x"], "unknown option '--ouput'; did you mean '--output'?"),
        (["recover", "a", "--zebra"], "unknown option '--zebra'"),
        (["recover", "a", "--no-blond"], "unknown option '--no-blond'; did you mean '--no-blend'?"),
        (["recover", "a", "--no-faces"], "unknown option '--no-faces'; did you mean '--faces'?"),
        (["recover", "a", "-z"], "unknown option '-z'"),
        (["recover", "a", "-device", "cpu"], "unknown option '-device'; did you mean '--device'?"),
        (["recover", "a", "--output"], "option '--output' needs a value: --output DIR"),
        (["recover", "a", "-o"], "option '-o' needs a value: -o DIR"),
        (["recover", "a", "--output", "--faces"], "option '--output' needs a value: --output DIR"),
        (["recover", "a", "--output="], "--output: '' is not a path"),
        (["recover", "a", "--faces=yes"], "option '--faces' takes no value, found 'yes'"),
        (["recover", "a", "-c=yes"], "option '-c' takes no value, found 'yes'"),
        (["recover", "a", "--threads", "two"], "--threads: 'two' is not a whole number"),
        (["recover", "a", "--threads", "2.5"], "--threads: '2.5' is not a whole number"),
        (["recover", "a", "--threads", "0"], "--threads: '0' is out of range, at least 1"),
        (["recover", "a", "-t", "-1"], "-t: '-1' is out of range, at least 1"),
        (
            ["recover", "a", "--threads", "9223372036854775808"],
            "--threads: '9223372036854775808' is out of range, from -9223372036854775808 to 9223372036854775807"
        ),
        (["recover", "a", "--seed", "-1"], "--seed: '-1' is out of range, from 0 to 18446744073709551615"),
        (["recover", "a", "--mask-share", "2"], "--mask-share: '2' is out of range, 0 to 1"),
        (["recover", "a", "--mask-share", "inf"], "--mask-share: 'inf' is not a finite number"),
        (["recover", "a", "--mask-share", "half"], "--mask-share: 'half' is not a number"),
        (
            ["recover", "a", "--device", "cdua"],
            "--device: 'cdua' is not one of auto, cpu, cuda; did you mean 'cuda'?"
        ),
        (["recover", "a", "--faces", "--compare"], "--compare and --faces exclude each other"),
        (["recover", "a", "--set", "bad"], "--set: 'bad' is not KEY=VALUE"),
        (["train", "one", "4"], "missing --data DIR"),
        (["train", "one", "--data", "d"], "missing FIRST"),
        (["train", "one", "--data", "d", "x"], "FIRST: 'x' is not a whole number"),
        (["train", "fail", "error", "more"], "unexpected argument 'more'"),
        (["train"], "missing COMMAND after 'sample train'"),
        (["train", "on"], "unknown command 'on'; did you mean 'one'?"),
        (["recovr"], "unknown command 'recovr'; did you mean 'recover'?"),
        (["versoin"], "unknown command 'versoin'; did you mean 'version'?"),
        (["xyzzy"], "unknown command 'xyzzy'"),
        (["--faces"], "unknown option '--faces'"),
        (["help", "recovr"], "unknown command 'recovr'; did you mean 'recover'?"),
        (["train", "fail", "usage"], "these do not go together"),
    ])
    func mistakeIsNamed(arguments: [String], message: String) {
        let outcome = Outcome(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("semblance: error: \(message)\nUsage: sample"), "\(outcome.errors)")
        #expect(outcome.errors.hasSuffix("--help\n"))
    }
}
