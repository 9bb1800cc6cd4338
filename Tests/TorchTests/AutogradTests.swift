import Testing
import Torch

@Suite struct AutogradTests {
    /// R1 through convolutions (grouped, transposed), pooling, norms and interpolation: gradients of a gradient.
    @Test func doubleBackwardMatchesPyTorch() throws {
        let reference = try Reference.operations()
        var leaves: [Tensor] = []
        for index in 0..<10 {
            leaves.append(try #require(reference["penalty.in\(index)"]).clone().requiresGrad_())
        }
        let x = leaves[0]
        var y = try x.conv2d(leaves[1], bias: leaves[2], padding: 1).leakyReLU(0.2)
        y = try y.conv2d(leaves[3], stride: 2, padding: 1, groups: 2).tanh()
        y = try y.avgPool2d(kernel: 2).convTranspose2d(leaves[4], stride: 2, padding: 1)
        y = try y.batchNorm(
            weight: leaves[5], bias: leaves[6], runningMean: nil, runningVariance: nil, training: true)
        y = try y.groupNorm(1, weight: leaves[7][0], bias: leaves[8]) + y.interpolate(size: [4, 4])
        let score = try y.silu().flatten(from: 1).linear(leaves[9])
        let first = try Autograd.grad(outputs: [score.sum()], inputs: [x], createGraph: true)
        let penalty = try #require(first[0]).square().sum([1, 2, 3]).mean()
        let total = try (-score).softplus().mean() + 5 * penalty
        try expectParity(penalty, #require(reference["penalty.value"]), "penalty")
        try expectParity(total, #require(reference["penalty.total"]), "total")
        let second = try Autograd.grad(outputs: [total], inputs: Array(leaves.dropFirst()))
        for (index, gradient) in second.enumerated() {
            let name = "penalty.grad\(index + 1)"
            try expectParity(#require(gradient, "\(name)"), #require(reference[name]), name)
        }
    }

    @Test func backwardAccumulatesAndUnusedInputsHaveNoGradient() throws {
        let x = try Tensor(values: [1, 2], shape: [2]).requiresGrad_()
        let unused = try Tensor.ones([1]).requiresGrad_()
        try x.square().sum().backward()
        try x.square().sum().backward()
        #expect(try x.grad?.floats() == [4, 8])
        #expect(try unused.grad == nil)
        try x.setGrad(nil)
        #expect(try x.grad == nil)
        let gradients = try Autograd.grad(outputs: [x.sum()], inputs: [x, unused])
        #expect(try gradients[0]?.floats() == [1, 1])
        #expect(gradients[1] == nil)
        let weighted = try Autograd.grad(
            outputs: [x * 3], inputs: [x], outputGradients: [Tensor(values: [1, -1], shape: [2])])
        #expect(try weighted[0]?.floats() == [3, -3])
    }

    @Test func secondBackwardThroughAFreedGraphIsAnError() throws {
        let x = try Tensor.ones([2]).requiresGrad_()
        let loss = try x.square().sum()
        try loss.backward()
        #expect(throws: TorchError.self) { try loss.backward() }
        let scalarOnly = #expect(throws: TorchError.self) { try (x * 2).backward() }
        #expect("\(try #require(scalarOnly))".contains("scalar"))
    }

    @Test func noGradIsRestoredAfterAThrow() throws {
        let x = try Tensor.ones([2]).requiresGrad_()
        #expect(Autograd.isEnabled)
        #expect(throws: TorchError.self) {
            try noGrad { () throws(TorchError) in
                #expect(!Autograd.isEnabled)
                _ = try x.reshape([5])
            }
        }
        #expect(Autograd.isEnabled)
        #expect(throws: CancellationError.self) {
            try withoutGradients { throw CancellationError() }
        }
        #expect(Autograd.isEnabled)
        let silent = try noGrad { () throws(TorchError) in
            let inner = try noGrad { () throws(TorchError) in try x * 2 }
            #expect(!Autograd.isEnabled)
            return inner
        }
        #expect(!silent.requiresGrad)
        #expect(try (x * 2).requiresGrad)
    }

    @Test func autocastComputesInBFloat16AndKeepsFloatGradients() throws {
        let generator = try Generator(seed: 5)
        let x = try Tensor.randn([2, 8, 6, 6], generator: generator)
        let w = try Tensor.randn([4, 8, 3, 3], generator: generator).requiresGrad_()
        let exact = try x.conv2d(w, padding: 1)
        try exact.square().mean().backward()
        let expected = try #require(try w.grad)
        try w.setGrad(nil)
        let (output, loss) = try autocast(.bfloat16, on: .cpu) {
            let y = try x.conv2d(w, padding: 1)
            return (y, try y.to(dtype: .float32).square().mean())
        }
        #expect(output.dtype == .bfloat16)
        try expectParity(output.to(dtype: .float32), exact.detach(), "output", tolerance: 0.02)
        try loss.backward()
        try expectParity(#require(try w.grad), expected, "gradient", tolerance: 0.02)
        #expect(try x.conv2d(w).dtype == .float32)
    }

    @Test func autocastIsRestoredAfterAThrowAndWhenNested() throws {
        let x = try Tensor.ones([2, 2])
        #expect(throws: CancellationError.self) {
            try autocast(.bfloat16, on: .cpu) { throw CancellationError() }
        }
        #expect(try x.matmul(x).dtype == .float32)
        try autocast(.bfloat16, on: .cpu) {
            let inner = try autocast(.float16, on: .cpu) { try x.matmul(x).dtype }
            #expect(inner == .float16)
            #expect(try x.matmul(x).dtype == .bfloat16)
        }
        #expect(try autocast(nil, on: .cpu) { try x.matmul(x).dtype } == .float32)
    }
}
