import NN
import Testing
import Torch

@Suite struct OptimizerTests {
    static let steps = 14

    static let makers: [String: @Sendable ([ParameterGroup]) -> any Optimizer] = [
        "adam": { Adam($0) },
        "adamBetas": { Adam($0, betas: (0, 0.99), eps: 1e-3) },
        "adamW": { Adam($0, betas: (0.8, 0.95), decoupled: true) },
        "sgd": { SGD($0) },
        "momentum": { SGD($0, momentum: 0.9) },
        "nesterov": { SGD($0, momentum: 0.8, nesterov: true) },
    ]

    /// The three parameters, in two groups with their own rate and decay.
    private static func parameters(_ reference: [String: Tensor]) throws -> [Tensor] {
        try (0..<3).map { try #require(reference["start.\($0)"]).clone().requiresGrad_() }
    }

    private static func groups(_ parameters: [Tensor]) -> [ParameterGroup] {
        [
            ParameterGroup(Array(parameters[..<2]), name: "first", rate: 0.05, weightDecay: 0.1),
            ParameterGroup([parameters[2]], name: "second", rate: 0.01),
        ]
    }

    /// One step as the reference script makes it: the last parameter has no gradient at steps 0 and 5.
    private static func step(
        _ step: Int, _ optimizer: any Optimizer, _ parameters: [Tensor], _ reference: [String: Tensor]
    ) throws {
        optimizer.setFactor(step < 7 ? 1 : 0.5)
        for (index, parameter) in parameters.enumerated() {
            let absent = index == 2 && (step == 0 || step == 5)
            let gradient = try #require(reference["gradient.\(step).\(index)"]).clone()
            try parameter.setGrad(absent ? nil : gradient)
        }
        try optimizer.step()
    }

    @Test(arguments: makers.keys.sorted()) func followsPyTorch(_ name: String) throws {
        let reference = try Reference.tensors("optimisers.safetensors")
        let parameters = try Self.parameters(reference)
        let make = try #require(Self.makers[name])
        let optimizer = make(Self.groups(parameters))
        for step in 0..<Self.steps {
            try Self.step(step, optimizer, parameters, reference)
            for (index, parameter) in parameters.enumerated() {
                try expectParity(
                    parameter, reference["\(name).\(step).\(index)"], "step \(step), parameter \(index)")
            }
        }
    }

    /// A checkpoint in the middle changes nothing.
    @Test(arguments: makers.keys.sorted()) func resumesFromItsStateDict(_ name: String) throws {
        let reference = try Reference.tensors("optimisers.safetensors")
        let make = try #require(Self.makers[name])
        let parameters = try Self.parameters(reference)
        let first = make(Self.groups(parameters))
        for step in 0..<6 { try Self.step(step, first, parameters, reference) }
        let second = make(Self.groups(parameters))
        try second.load(try first.stateDict(), source: "memory")
        for step in 6..<Self.steps { try Self.step(step, second, parameters, reference) }
        for (index, parameter) in parameters.enumerated() {
            try expectParity(
                parameter, reference["\(name).\(Self.steps - 1).\(index)"], "parameter \(index)")
        }
    }

    @Test(arguments: ["adam", "momentum"]) func refusesTheStateOfAnotherNetwork(_ name: String) throws {
        let reference = try Reference.tensors("optimisers.safetensors")
        let make = try #require(Self.makers[name])
        let parameters = try Self.parameters(reference)
        let optimizer = make(Self.groups(parameters))
        for step in 0..<2 { try Self.step(step, optimizer, parameters, reference) }
        let good = try optimizer.stateDict()
        for (key, value) in good {
            var bad = good
            bad[key] = try .zeros([7])
            let state = bad
            #expect(throws: TorchError.self, "\(key) of another shape") {
                try optimizer.load(state, source: "file")
            }
            bad[key] = nil
            bad["9.\(key)"] = value
            let stray = bad
            #expect(throws: TorchError.self, "stray 9.\(key)") { try optimizer.load(stray, source: "file") }
        }
        try optimizer.load(good, source: "file")
    }

    /// The update goes by position in the array, not in memory.
    @Test(arguments: ["adam", "sgd"]) func gradientsMayHaveAnyLayout(_ name: String) throws {
        let make = try #require(Self.makers[name])
        let start = try Tensor.randn([3, 4], generator: Generator(seed: 1))
        let gradient = try Tensor.randn([4, 3], generator: Generator(seed: 2)).transpose(0, 1)
        let results = try [gradient, gradient.contiguous()].map { layout in
            let parameter = try start.clone().requiresGrad_()
            try parameter.setGrad(layout)
            try make([ParameterGroup([parameter], rate: 0.1)]).step()
            return try parameter.floats()
        }
        #expect(results[0] == results[1])
    }

    @Test(arguments: [("clipped", 1.5), ("unclipped", 1e3)])
    func clipsLikePyTorch(_ name: String, _ limit: Double) throws {
        let reference = try Reference.tensors("optimisers.safetensors")
        let parameters = try Self.parameters(reference)
        for (index, parameter) in parameters.enumerated() {
            let gradient = try #require(reference["gradient.0.\(index)"])
            try parameter.setGrad(gradient)
        }
        let norm = try Adam(Self.groups(parameters)).clipGradients(norm: limit)
        let expected = try #require(reference["\(name).norm"]).item()
        #expect(abs(norm - expected) < 1e-5 * expected)
        for (index, parameter) in parameters.enumerated() {
            try expectParity(parameter.grad, reference["\(name).\(index)"], "gradient \(index)")
        }
        #expect(try clipGradients(of: [.ones([2])], norm: 1) == 0)
    }

    @Test func zeroGradRemovesGradients() throws {
        let x = try Tensor.ones([2]).requiresGrad_()
        let optimizer = SGD([x], rate: 1)
        try x.sum().backward()
        try optimizer.zeroGrad()
        #expect(try x.grad == nil)
        try optimizer.step()
        #expect(try x.floats() == [1, 1])
    }

    @Test(
        "state from a file goes on as if never written, for parameters that are channels last in memory",
        arguments: ["adam", "sgd"])
    func channelsLastState(kind: String) throws {
        func make() throws -> (Tensor, any Optimizer) {
            let weight = try Tensor.randn([4, 3, 3, 3], generator: Generator(seed: 3)).channelsLast()
            try weight.requiresGrad_()
            let optimizer: any Optimizer =
                kind == "adam"
                ? Adam([weight], rate: 0.1) : SGD([ParameterGroup([weight], rate: 0.1)], momentum: 0.9)
            return (weight, optimizer)
        }
        func step(_ weight: Tensor, _ optimizer: any Optimizer) throws {
            try optimizer.zeroGrad()
            try (weight * weight * weight).sum().backward()
            try optimizer.step()
        }
        let (one, first) = try make()
        try step(one, first)
        let (two, second) = try make()
        try noGrad { () throws(TorchError) in _ = try two.copy_(one) }
        // A checkpoint holds plain row-major values.
        try second.load(first.stateDict().mapValues { try $0.contiguous() }, source: "file")
        try step(one, first)
        try step(two, second)
        #expect(try one.floats() == two.floats())
    }
}
