import NN
import Testing
import Torch
import Unmasking

@Suite struct ResamplingTests {
    @Test func agreesWithZeroInsertionPaddingAndFiltering() throws {
        let fixture = try Reference.read("stylegan2.safetensors")
        let x = try Reference.hashed("resample.x", [2, 3, 7, 6])
        let uneven = try Reference.hashed("resample.kernel", [4, 3])
        let smooth = try FIRFilter().kernel()
        let cases: [(Tensor, Int, Int, (Int, Int))] = [
            (smooth, 1, 1, (2, 1)), (try FIRFilter().kernel(gain: 4), 2, 1, (2, 1)), (smooth, 1, 2, (1, 1)),
            (uneven, 1, 1, (2, 2)), (uneven, 2, 1, (3, 2)), (uneven, 2, 3, (1, 4)), (uneven, 3, 2, (0, 0)),
            (uneven, 1, 1, (-1, 2)),
        ]
        for (index, (kernel, up, down, padding)) in cases.enumerated() {
            let y = try upfirdn2d(x, kernel: kernel, up: up, down: down, padding: padding)
            try expectParity(y, fixture["resample.\(index)"], "resample.\(index)")
        }
    }

    @Test func keepsBrightnessWhenDoubling() throws {
        let x = try Tensor.ones([1, 2, 6, 6])
        let y = try upfirdn2d(x, kernel: FIRFilter().kernel(gain: 4), up: 2, padding: (2, 1))
        #expect(y.shape == [1, 2, 12, 12])
        let inner = try y.narrow(2, 2, 8).narrow(3, 2, 8)
        #expect(try (inner - 1).abs().amax().item() < 1e-6)
    }

    @Test func refusesInputsThatAreNotImages() throws {
        #expect(throws: TorchError.self) {
            try upfirdn2d(Tensor.ones([3, 4]), kernel: FIRFilter().kernel())
        }
        #expect(throws: TorchError.self) { try FIRFilter(taps: [1, -1]).kernel() }
    }

    @Test(arguments: [(1, 1), (2, 1), (1, 2)])
    func averagesComputeTheSameAsFilters(padding: Int, down: Int) throws {
        let context = try Context(seed: 1)
        let resample = try FIRResample(
            FIRFilter(), gain: 4, down: down, padding: (padding, padding), in: context)
        let x = try Reference.hashed("resample.x", [2, 3, 7, 6])
        let filtered = try resample(x)
        let averaged = try resample.withSecondOrderFilters { try resample(x) }
        try expectParity(averaged, filtered, "averages", tolerance: 1e-6)
        // Taps that are no chain of averages stay a filter.
        let other = try FIRResample(FIRFilter(taps: [1, 2, 2, 1]), padding: (1, 1), in: context)
        let same = try other.withSecondOrderFilters { try other(x) }
        try expectParity(same, other(x), "other taps", tolerance: 1e-6)
    }
}
