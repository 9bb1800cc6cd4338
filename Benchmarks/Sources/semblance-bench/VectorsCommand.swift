import CommandLineKit
import Foundation
import Training

/// `semblance-bench vectors`: made-up embeddings, the same for both sides of a comparison.
struct VectorsCommand: Command {
    static let name = "vectors"
    static let abstract =
        "Write made-up embeddings, [rows, 512] little-endian floats of unit length: base.f32 and queries.f32."

    @Option(short: "o", help: "Folder to write into.", value: "DIR") var output: FilePath
    @Option(help: "Embeddings.", in: .atLeast(100)) var count: Int = 1_000_000
    @Option(help: "Queries.", in: .atLeast(1)) var queries: Int = 500

    static let dimension = 512

    /// People are spread around groups, and twenty images of each around them: two images of a person have a cosine of about
    /// 0.6, two people of a group of about 0.3.
    func run(_ invocation: Invocation) throws {
        var source = SampleRandom(seed: 1)
        let people = max(1, count / 20)
        let groups = max(1, people / 50)
        var centres: [Float] = []
        for _ in 0..<groups { centres += source.direction(near: nil, 0) }
        var persons: [Float] = []
        persons.reserveCapacity(people * Self.dimension)
        for person in 0..<people {
            let start = person % groups * Self.dimension
            persons += source.direction(near: Array(centres[start..<(start + Self.dimension)]), 1)
        }
        for (name, rows) in [("base", count), ("queries", queries)] {
            let path = "\(output)/\(name).f32"
            try Data().write(to: URL(fileURLWithPath: path))
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            var block: [Float] = []
            for row in 0..<rows {
                let person = Int(source.next() % UInt64(people)) * Self.dimension
                block += source.direction(
                    near: Array(persons[person..<(person + Self.dimension)]), 0.8)
                if row % 2000 == 1999 || row == rows - 1 {
                    try file.write(contentsOf: block.withUnsafeBytes { Data($0) })
                    block.removeAll(keepingCapacity: true)
                }
            }
            try file.close()
        }
    }
}

extension SampleRandom {
    /// Of unit length; by sums of four uniform numbers, which are near enough to normal.
    fileprivate mutating func direction(near centre: [Float]?, _ spread: Float) -> [Float] {
        let dimension = VectorsCommand.dimension
        // Standard deviation of the sum of four numbers of 0...65535.
        let scale = (centre == nil ? 1 : spread / Float(dimension).squareRoot()) / 37837.2
        var values = [Float](repeating: 0, count: dimension)
        for index in 0..<dimension {
            let bits = next()
            let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
            values[index] = (Float(sum) - 131070) * scale + (centre?[index] ?? 0)
        }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { $0 / length }
    }
}
