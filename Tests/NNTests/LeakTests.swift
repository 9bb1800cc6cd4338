import NN
import Testing
import Torch

/// A network with most kinds of layers, its optimiser and its average, and one step of training.
private final class Trainee {
    let network: Sequential
    let ema: EMA<Sequential>
    let optimizer: any Optimizer
    let generator: Generator

    init(optimizer make: ([Tensor]) -> any Optimizer) throws {
        let context = try Context(seed: 1)
        func build() throws -> Sequential {
            Sequential([
                try Conv2d(2, 4, kernel: 3, padding: 1, in: context), try BatchNorm2d(4, in: context),
                try PReLU(4, in: context), MaxPool2d(2), try Dropout(0.2, in: context),
                try ConvTranspose2d(4, 2, kernel: 2, stride: 2, in: context),
                try GroupNorm(1, 2, in: context), GELU(), Flatten(), try Linear(32, 3, in: context),
            ])
        }
        network = try build()
        ema = try EMA(of: network, average: try build(), decay: 0.9)
        optimizer = make(network.parameters())
        generator = context.generator
    }

    func step() throws {
        let x = try Tensor.randn([2, 2, 4, 4], generator: generator).requiresGrad_()
        let target = try Tensor.randint(0, 3, [2], generator: generator)
        let logits = try autocast(.bfloat16, on: .cpu) { try network(x) }.to(dtype: .float32)
        let input = try Autograd.grad(outputs: [logits.sum()], inputs: [x], createGraph: true)
        var loss = try logits.crossEntropy(target)
        if let gradient = input[0] { loss = try loss + 0.1 * gradient.square().sum() }
        try optimizer.zeroGrad()
        try loss.backward()
        try optimizer.clipGradients(norm: 1)
        try optimizer.step()
        try ema.update()
        _ = network.stateDictionary()
        _ = try optimizer.stateDict()
    }
}

@Suite struct LeakTests {
    @Test func aThousandTrainingStepsLeakNothing() async {
        await #expect(processExitsWith: .success) {
            Runtime.threads = 1
            let trainee = try Trainee { Adam($0, rate: 1e-3) }
            try expectNoLeaks(runs: 1000) { try trainee.step() }
        }
    }

    @Test func otherOptimisersAndFailuresLeakNothing() async {
        await #expect(processExitsWith: .success) {
            Runtime.threads = 1
            let trainee = try Trainee { SGD($0, rate: 1e-3, momentum: 0.9, nesterov: true) }
            let x = try Tensor.ones([2, 3])
            try expectNoLeaks {
                try trainee.step()
                _ = try x.sort()
                _ = try x.unbind(1)
                #expect(throws: TorchError.self) { try x.matmul(x) }
                #expect(throws: TorchError.self) { try Tensor.call("aten::unbind.int", Tensor.ones([65]), 0) }
                #expect(throws: TorchError.self) { try SafeTensors.read("/nowhere") }
            }
            // All of a network goes with it.
            try expectNoLeaks { try Trainee { Adam($0, rate: 1e-3) }.step() }
        }
    }

    /// The count itself must notice one kept tensor per run.
    @Test func keptTensorsAreCounted() async {
        await #expect(processExitsWith: .success) {
            var kept: [Tensor] = []
            let leaked = try leakedHandles(runs: 10) { kept.append(try .ones([1])) }
            #expect(leaked == 10)
            withExtendedLifetime(kept) {}
        }
    }
}
