import CommandLineKit

/// Where an evaluation's masks come from: "generated:SEED".
struct MaskSource: ArgumentValue, Equatable {
    var seed: UInt64 = 1

    init(seed: UInt64 = 1) { self.seed = seed }

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "generated", let seed = UInt64(parts[1]) else {
            throw ArgumentError("is not a source of masks; expected generated:SEED, such as generated:7")
        }
        self.seed = seed
    }

    static var valueName: String { "SOURCE" }
    var argumentText: String { "generated:\(seed)" }

    /// A seed for one photo: FNV-1a of its name, mixed with this source's seed.
    func seed(for name: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash ^ (seed &* 0x9E37_79B9_7F4A_7C15)
    }
}
