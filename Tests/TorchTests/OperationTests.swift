import Testing
import Torch

@Suite struct OperationTests {
    /// Every stored case has a Swift twin and the reverse, so that none is skipped in silence.
    @Test func everyReferenceIsChecked() throws {
        let stored = Set(
            try Reference.operations().keys.compactMap { key in
                key.hasSuffix("/out0") ? String(key.dropLast(5)) : nil
            })
        let written = OperationCase.all.map(\.name)
        #expect(Set(written) == stored)
        #expect(written.count == stored.count)
    }

    @Test func valuesAndGradientsMatchPyTorch() throws {
        let reference = try Reference.operations()
        for operation in OperationCase.all {
            let name = operation.name
            let inputs = reference.keys.filter { $0.hasPrefix("\(name)/in") }.count
            let differentiable = reference.keys.contains { $0.hasPrefix("\(name)/grad") }
            var leaves: [Tensor] = []
            for index in 0..<inputs {
                let leaf = try #require(reference["\(name)/in\(index)"]).clone()
                if reference["\(name)/grad\(index)"] != nil { try leaf.requiresGrad_() }
                leaves.append(leaf)
            }
            let results: [Tensor]
            do { results = try operation.body(leaves) } catch {
                Issue.record("\(name): \(error)")
                continue
            }
            for (index, result) in results.enumerated() {
                let expected = try #require(reference["\(name)/out\(index)"], "\(name)/out\(index)")
                try expectParity(result, expected, "\(name)/out\(index)")
            }
            #expect(reference["\(name)/out\(results.count)"] == nil, "\(name) returns too few results")
            guard differentiable else { continue }
            for result in results where result.requiresGrad {
                try result.backward(Reference.cotangent(result.shape), retainGraph: true)
            }
            for (index, leaf) in leaves.enumerated() where leaf.requiresGrad {
                let gradient = try #require(try leaf.grad, "\(name)/grad\(index)")
                try expectParity(
                    gradient, #require(reference["\(name)/grad\(index)"]), "\(name)/grad\(index)")
            }
        }
    }

    @Test func creation() throws {
        #expect(try Tensor.zeros([2]).floats() == [0, 0])
        #expect(try Tensor.ones([2], dtype: .int64).ints() == [1, 1])
        #expect(try Tensor.full([2], 7, dtype: .uint8).array(UInt8.self) == [7, 7])
        #expect(try Tensor.arange(1, 4).floats() == [1, 2, 3])
        #expect(try Tensor.arange(0, 7, step: 3, dtype: .int64).array(Int.self) == [0, 3, 6])
        #expect(try Tensor.linspace(0, 1, steps: 3).floats() == [0, 0.5, 1])
        #expect(try Tensor.eye(2).floats() == [1, 0, 0, 1])
        #expect(try Tensor.scalar(2.5).item() == 2.5)
        let x = try Tensor.full([2], 3, dtype: .int32)
        #expect(try x.zerosLike().array(Int32.self) == [0, 0])
        #expect(try x.onesLike().array(Int32.self) == [1, 1])
        #expect(try x.fullLike(5).array(Int32.self) == [5, 5])
        let empty = try Tensor.empty([0, 3])
        #expect(empty.count == 0)
        #expect(try empty.floats().isEmpty)
        #expect(try Tensor.full([1], .nan).allFinite() == false)
        #expect(try Tensor.ones([1]).allFinite())
    }

    @Test func factorisationsRebuildTheirMatrix() throws {
        let a = try Tensor.randn([4, 3], generator: Generator(seed: 3))
        let (u, s, vh) = try a.svd()
        try expectParity(u.matmul(s.unsqueeze(1) * vh), a, "svd")
        let symmetric = try a.transpose(0, 1).matmul(a)
        let (values, vectors) = try symmetric.eigh()
        try expectParity(vectors.matmul(values.unsqueeze(1) * vectors.transpose(0, 1)), symmetric, "eigh")
    }

    @Test func channelsLastKeepsShapeAndChangesLayout() throws {
        let x = try Tensor.zeros([2, 3, 4, 5]).channelsLast()
        #expect(x.shape == [2, 3, 4, 5])
        #expect(x.strides == [60, 1, 15, 3])
        #expect(!x.isContiguous)
    }

    @Test func scalarsBeyondIntegersReachIntegerTensors() throws {
        let x = try Tensor([1, 2], shape: [2])
        #expect(try (x * .infinity).floats() == [.infinity, .infinity])
        #expect(try x.lt(.infinity).array(Bool.self) == [true, true])
        #expect(try x.eq(1e300).array(Bool.self) == [false, false])
    }

    @Test func viewsShareMemoryAndClonesDoNot() throws {
        let x = try Tensor.zeros([2, 2])
        let copy = try x.clone()
        try x[1].fill_(3)
        #expect(try x.floats() == [0, 0, 3, 3])
        #expect(try copy.floats() == [0, 0, 0, 0])
        #expect(try x.detach().isSame(x) == false)
        #expect(x.isSame(x))
    }

    @Test func valuesOfEveryTypeComeBack() throws {
        #expect(try Tensor([-128, 127] as [Int8], shape: [2]).array(Int8.self) == [-128, 127])
        #expect(try Tensor([0, 255] as [UInt8], shape: [2]).array(UInt8.self) == [0, 255])
        #expect(try Tensor([Int16.min, .max], shape: [2]).array(Int16.self) == [.min, .max])
        #expect(try Tensor([Int32.min, .max], shape: [2]).array(Int32.self) == [.min, .max])
        #expect(try Tensor([Int64.min, .max], shape: [2]).array(Int64.self) == [.min, .max])
        #expect(try Tensor([0.1, -1e300], shape: [2]).array(Double.self) == [0.1, -1e300])
        #expect(try Tensor([true, false], shape: [2]).array(Bool.self) == [true, false])
        #expect(try Tensor([1.5, -2] as [Float], shape: [2]).to(dtype: .float16).floats() == [1.5, -2])
    }
}
