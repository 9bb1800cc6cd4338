import NN
import Testing
import Torch

@Suite struct EMATests {
    private static func network(_ seed: UInt64) throws -> Sequential {
        let context = try Context(seed: seed)
        return Sequential([try Linear(3, 2, in: context), try BatchNorm1d(2, in: context)])
    }

    @Test func averagesLikePyTorch() throws {
        let reference = try Reference.tensors("optimisers.safetensors")
        let network = try Self.network(1)
        func take(_ step: Int) throws {
            try noGrad { () throws(TorchError) in
                for (key, tensor) in network.namedParameters() {
                    guard let value = reference["ema.value.\(step).\(key)"] else {
                        throw .invalidArgument("no \(key)")
                    }
                    try tensor.copy_(value)
                }
            }
        }
        try take(0)
        let ema = try EMA(of: network, average: Self.network(2), decay: 0.9)
        for step in 0..<6 {
            if step > 0 {
                try take(step)
                try ema.update()
            }
            for (key, tensor) in ema.average.namedParameters() {
                try expectParity(tensor, reference["ema.average.\(step).\(key)"], "step \(step), \(key)")
            }
        }
    }

    @Test func copiesBuffersAndFreezesTheAverage() throws {
        let network = try Self.network(1)
        let ema = try EMA(of: network, average: Self.network(2), decay: 0.5)
        _ = try network(Tensor.randn([8, 3], generator: Generator(seed: 1)))
        try ema.update()
        for ((key, ours), theirs) in zip(network.namedBuffers(), ema.average.namedBuffers()) {
            #expect(try ours.floats() == theirs.tensor.floats(), "\(key)")
        }
        #expect(!ema.average.isTraining)
        #expect(ema.average.parameters().allSatisfy { !$0.requiresGrad })
        #expect(network.isTraining)
        try ema.update(decay: 0)
        #expect(try ema.average.parameters()[0].floats() == network.parameters()[0].floats())
        #expect(throws: TorchError.self) { try EMA(of: network, average: Self.network(2), decay: 1) }
    }
}
