import NN
import Testing
import Torch

@Suite struct LayerTests {
    /// Every layer as the reference script makes it.
    static let makers: [String: @Sendable (Context) throws -> Module] = [
        "conv": { try Conv2d(4, 3, kernel: 3, stride: 2, padding: 1, in: $0) },
        "convGroups": {
            try Conv2d(4, 6, kernel: 3, padding: 2, dilation: 2, groups: 2, bias: false, in: $0)
        },
        "convSides": {
            try Conv2d(4, 3, kernel: [1, 3], stride: [2, 1], padding: [0, 1], dilation: [1, 2], in: $0)
        },
        "convTranspose": {
            try ConvTranspose2d(4, 6, kernel: 3, stride: 2, padding: 1, outputPadding: 1, groups: 2, in: $0)
        },
        "linear": { try Linear(4, 3, in: $0) },
        "linearNoBias": { try Linear(4, 3, bias: false, in: $0) },
        "embedding": { try Embedding(6, 3, in: $0) },
        "batchNorm2d": { try BatchNorm2d(4, eps: 1e-3, momentum: 0.3, in: $0) },
        "batchNorm2dEvaluation": { try BatchNorm2d(4, in: $0).evaluate() },
        "batchNorm1d": { try BatchNorm1d(4, in: $0) },
        "layerNorm": { try LayerNorm([6, 5], eps: 1e-3, in: $0) },
        "groupNorm": { try GroupNorm(2, 4, in: $0) },
        "instanceNorm": { try InstanceNorm2d(4, in: $0) },
        "instanceNormAffine": { try InstanceNorm2d(4, affine: true, eps: 1e-3, in: $0) },
        "prelu": { try PReLU(4, in: $0) },
        "relu": { _ in ReLU() },
        "relu6": { _ in ReLU6() },
        "leakyReLU": { _ in LeakyReLU(0.2) },
        "gelu": { _ in GELU() },
        "silu": { _ in SiLU() },
        "hardSwish": { _ in HardSwish() },
        "sigmoid": { _ in Sigmoid() },
        "tanh": { _ in Tanh() },
        "identity": { _ in Identity() },
        "maxPool": { _ in MaxPool2d(3, stride: 2, padding: 1, ceilMode: true) },
        "avgPool": { _ in AvgPool2d(3, stride: 2, padding: 1) },
        "adaptiveAvgPool": { _ in AdaptiveAvgPool2d([2, 3]) },
        "flatten": { _ in Flatten() },
        "dropoutEvaluation": { try Dropout(0.5, in: $0).evaluate() },
        "sequential": {
            Sequential([
                try Conv2d(4, 3, kernel: 3, bias: false, in: $0), try BatchNorm2d(3, in: $0), ReLU(),
                Sequential([Flatten(), try Linear(36, 2, in: $0)]),
            ])
        },
    ]

    @Test func everyReferenceIsChecked() throws {
        let stored = Set(
            try Reference.tensors("layers.safetensors").keys.map { String($0.prefix { $0 != "/" }) })
        #expect(Set(Self.makers.keys) == stored)
    }

    @Test(arguments: makers.keys.sorted()) func matchesPyTorch(_ name: String) throws {
        let reference = try Reference.tensors("layers.safetensors")
        let make = try #require(Self.makers[name])
        let layer = try make(Context(seed: 1))
        try layer.load(reference, prefix: "\(name)/state.")
        let input = try #require(reference["\(name)/input"]).clone()
        if input.dtype.isFloatingPoint { try input.requiresGrad_() }
        let output = try layer(input)
        try expectParity(output, reference["\(name)/output"], "output")
        try output.backward(Reference.cotangent(output.shape))
        if input.requiresGrad { try expectParity(input.grad, reference["\(name)/input.grad"], "input.grad") }
        for (key, parameter) in layer.namedParameters() {
            try expectParity(parameter.grad, reference["\(name)/grad.\(key)"], "grad.\(key)")
        }
        for (key, buffer) in layer.namedBuffers() {
            try expectParity(buffer, reference["\(name)/after.\(key)"], "after.\(key)")
        }
        for key in reference.keys where key.hasPrefix("\(name)/grad.") {
            #expect(layer.namedParameters().contains { "\(name)/grad.\($0.key)" == key }, "\(key)")
        }
    }

    @Test func dropoutScalesWhatItKeepsAndFollowsItsSeed() throws {
        let ones = try Tensor.ones([100, 100])
        let dropped = try Dropout(0.3, in: Context(seed: 4))(ones)
        let values = try dropped.floats()
        #expect(values.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-6 })
        // 7,000 of 10,000 expected, standard deviation 46.
        #expect(abs(values.filter { $0 != 0 }.count - 7000) < 250)
        #expect(try Dropout(0.3, in: Context(seed: 4))(ones).floats() == values)
        #expect(try Dropout(0.3, in: Context(seed: 5))(ones).floats() != values)
    }

    @Test func refusesImpossibleSettings() throws {
        let context = try Context(seed: 1)
        func expectError(_ text: String, _ body: () throws -> Module) {
            let error = #expect(throws: TorchError.self) { _ = try body() }
            #expect(error.map { "\($0)".contains(text) } ?? false, "\(String(describing: error))")
        }
        expectError("Conv2d: 3 -> 4 channels") { try Conv2d(3, 4, kernel: 3, groups: 2, in: context) }
        expectError("ConvTranspose2d: 4 -> 3 channels") {
            try ConvTranspose2d(4, 3, kernel: 3, groups: 2, in: context)
        }
        expectError("GroupNorm: 5 channels") { try GroupNorm(2, 5, in: context) }
        expectError("Dropout: p = 1.0") { try Dropout(1, in: context) }
        expectError("negative") { try Linear(-1, 4, in: context) }
    }

    @Test func initialValuesHaveTheSpreadOfPyTorchs() throws {
        let context = try Context(seed: 3)
        func spread(_ rule: Initialiser, _ shape: [Int]) throws -> (std: Double, max: Double) {
            let x = try rule.make(shape, in: context)
            return (try x.std().item(), try x.abs().amax().item())
        }
        // fan in 32·9 = 288, fan out 64·9 = 576
        let shape = [64, 32, 3, 3]
        let uniform = try spread(.kaimingUniform(), shape)
        #expect(abs(uniform.max - 1 / 288.0.squareRoot()) < 1e-3)
        #expect(abs(uniform.std * (3 * 288.0).squareRoot() - 1) < 0.03)
        #expect(abs(try spread(.kaimingNormal(), shape).std * (288 / 2.0).squareRoot() - 1) < 0.03)
        #expect(
            abs(try spread(.kaimingNormal(fanOut: true), shape).std * (576 / 2.0).squareRoot() - 1) < 0.03)
        #expect(abs(try spread(.xavierUniform(), shape).max - (6 / 864.0).squareRoot()) < 1e-3)
        #expect(abs(try spread(.normal(std: 0.02), shape).std - 0.02) < 1e-3)
        #expect(try spread(.constant(2), [3]) == (0, 2))
        let bias = try Linear(100, 5000, in: context).bias
        #expect(abs(try #require(bias).abs().amax().item() - 0.1) < 1e-3)
    }

    @Test func sameSeedSameWeights() throws {
        func weights(_ seed: UInt64) throws -> [Float] {
            let make = try #require(Self.makers["sequential"])
            return try make(Context(seed: seed)).parameters().flatMap { try $0.floats() }
        }
        let first = try weights(1)
        #expect(try weights(1) == first)
        #expect(try weights(2) != first)
    }
}
