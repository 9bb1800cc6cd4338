import Testing
import Torch

@Suite struct GeneratorTests {
    /// The sequence of PyTorch's own generator, so that a port of an experiment can be compared value by value.
    @Test func drawsWhatPyTorchDraws() throws {
        let reference = try Reference.operations()
        let generator = try Generator(seed: 1234)
        let draws = [
            ("rand", try Tensor.rand([20], generator: generator)),
            ("randn", try Tensor.randn([20], generator: generator)),
            ("randint", try Tensor.randint(3, 50, [20], generator: generator)),
            ("randperm", try Tensor.randperm(20, generator: generator)),
            ("uniform", try Tensor.empty([20]).uniform_(-2, 3, generator: generator)),
            ("normal", try Tensor.empty([20]).normal_(2, 3, generator: generator)),
        ]
        for (name, draw) in draws {
            try expectParity(draw, #require(reference["random.\(name)"]), name)
        }
    }

    private static func draw(_ generator: Generator) throws -> [Float] {
        try Tensor.randn([3], generator: generator).floats() + Tensor.rand([3], generator: generator).floats()
            + Tensor.randint(0, 1000, [3], generator: generator).floats()
            + Tensor.randperm(5, generator: generator).floats()
    }

    @Test func sameSeedSameValues() throws {
        let first = try Self.draw(Generator(seed: 7))
        #expect(try Self.draw(Generator(seed: 7)) == first)
        #expect(try Self.draw(Generator(seed: 8)) != first)
        let generator = try Generator(seed: 8)
        try generator.reseed(7)
        #expect(try Self.draw(generator) == first)
    }

    @Test func generatorsDoNotDisturbEachOther() throws {
        let (first, second) = (try Generator(seed: 7), try Generator(seed: 7))
        let noise = try Generator(seed: 1)
        for _ in 0..<3 {
            let expected = try Self.draw(second)
            _ = try Self.draw(noise)
            #expect(try Self.draw(first) == expected)
        }
    }

    /// Also in the middle of a pair of normal values, of which the generator keeps the second.
    @Test func stateContinuesTheSequence() throws {
        let generator = try Generator(seed: 7)
        _ = try Tensor.randn([3], generator: generator)
        let state = try generator.state()
        let expected = try Self.draw(generator)
        #expect(try Self.draw(generator) != expected)
        let other = try Generator(seed: 99)
        try other.setState(state)
        #expect(try Self.draw(other) == expected)
        #expect(throws: TorchError.self) { try other.setState(.zeros([3], dtype: .uint8)) }
    }

    @Test func derivedSeedsDifferByEveryPart() {
        let seeds = [
            Generator.derive(1), Generator.derive(1, 0), Generator.derive(1, 1), Generator.derive(2, 0),
            Generator.derive(1, 0, 0), Generator.derive(1, 0, 1), Generator.derive(1, 1, 0),
        ]
        #expect(Set(seeds).count == seeds.count)
        #expect(Generator.derive(1, 2, 3) == Generator.derive(1, 2, 3))
    }
}
