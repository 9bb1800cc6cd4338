import Testing
import Torch

@Suite struct ErrorTests {
    private func expectError(_ texts: String..., body: () throws -> Void) {
        let error = #expect(throws: TorchError.self) { try body() }
        guard let error else { return }
        for text in texts { #expect("\(error)".contains(text), "\(error)") }
        #expect(!"\(error)".contains("Exception raised from"), "a C++ backtrace is of no use to a user")
    }

    @Test func misfitsNameTheOperationAndTheShapes() throws {
        let (a, b) = (try Tensor.ones([2, 3]), try Tensor.ones([4, 5]))
        expectError("aten::add", "(3)", "(5)") { _ = try a + b }
        expectError("aten::matmul", "2x3", "4x5") { _ = try a.matmul(b) }
        expectError("aten::reshape", "[7]") { _ = try a.reshape([7]) }
        expectError("aten::cat") { _ = try Tensor.cat([a, b]) }
        expectError("aten::cat") { _ = try Tensor.cat([]) }
        expectError("aten::conv2d", "channels") {
            _ = try Tensor.ones([1, 3, 4, 4]).conv2d(.ones([2, 5, 3, 3]))
        }
        expectError("aten::select", "5") { _ = try a.select(0, 5) }
        expectError("aten::unbind") { _ = try a.unbind(7) }
        expectError("needs 24 bytes, given 4") { _ = try Tensor(values: [1], shape: [2, 3]) }
        expectError("-1") { _ = try Tensor(values: [1], shape: [-1]) }
    }

    @Test func conversionsAreExplicit() throws {
        let x = try Tensor.ones([2, 3])
        expectError("item()", "[2, 3]") { _ = try x.item() }
        expectError("Int", "float32", "to(dtype:)") { _ = try x.array(Int.self) }
        expectError("gridSample", "area") { _ = try x.gridSample(x, mode: .area) }
    }

    @Test func unknownOperatorsAndArguments() throws {
        let x = try Tensor.ones([2])
        expectError("aten::frobnicate") { try Tensor.call("aten::frobnicate", x) }
        expectError("aten::relu", "takes 1 arguments") { try Tensor.call("aten::relu", x, 3) }
        expectError("aten::add", "needs argument 'other'") { try Tensor.call("aten::add.Tensor", x) }
        expectError("more than 64 results") {
            try Tensor.call("aten::unbind.int", Tensor.ones([65]), 0)
        }
    }

    @Test func deviceNames() throws {
        #expect(try Device("cpu") == .cpu)
        for name in ["tpu", "", "cuda:x", "cuda:-1", "cuda:99", "CPU"] {
            expectError("device '\(name)'") { _ = try Device(name) }
        }
    }

    @Test func allocationFailureIsAnErrorOfItsOwn() throws {
        let error = #expect(throws: TorchError.self) { _ = try Tensor.empty([1 << 45]) }
        guard case .outOfMemory? = error else {
            #expect("\(try #require(error))".contains("allocate"), "\(String(describing: error))")
            return
        }
    }
}
