import CommandLineKit

/// Seeds as people write them: "1-8", "3", "1-4,10".
struct SeedList: ArgumentValue, Equatable {
    static let valueName = "SEEDS"
    static let limit = 10_000
    let seeds: [UInt64]
    let argumentText: String

    init(_ seeds: [UInt64], text: String) {
        self.seeds = seeds
        argumentText = text
    }

    init(argument: String) throws(ArgumentError) {
        var seeds: [UInt64] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
            guard let first = ends[0], let last = ends.count == 1 ? first : ends[1], ends.count <= 2 else {
                throw ArgumentError("is not a list of seeds such as 1-8 or 1,5,9")
            }
            guard first <= last else { throw ArgumentError("counts down: write \(last)-\(first)") }
            guard last - first < UInt64(Self.limit), seeds.count + Int(last - first) < Self.limit else {
                throw ArgumentError("names more than \(Self.limit) seeds")
            }
            seeds += Array(first...last)
        }
        self.init(seeds, text: argument)
    }
}
