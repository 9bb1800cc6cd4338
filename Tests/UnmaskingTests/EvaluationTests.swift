import Foundation
import Imaging
import Metrics
import NN
import Perceptual
import Resources
import Testing
import Torch
import Unmasking

@Suite struct EvaluationTests {
    struct Distances: Decodable {
        struct Case: Decodable {
            let first: [Int]
            let second: [Int]
            let value: Double
        }
        let a: [Float]
        let b: [Float]
        let cases: [Case]
    }

    /// Values come from scikit-learn (Tools/reference/kernel_distance.py).
    @Test func kernelDistanceAgrees() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Fixtures/kernel-distance.json")
        let expected = try JSONDecoder().decode(Distances.self, from: Data(contentsOf: url))
        let distance = try KernelDistance(
            Tensor(values: expected.a, shape: [12, 5]), Tensor(values: expected.b, shape: [12, 5]))
        for item in expected.cases {
            let value = distance.unbiased(item.first, item.second)
            #expect(
                abs(value - item.value) < 1e-5 * max(1, abs(item.value)), "\(value), expected \(item.value)")
        }
    }

    @Test func kernelDistanceOfEqualKindsIsNone() throws {
        let generator = try Generator(seed: 3)
        let a = try Tensor.randn([200, 6], generator: generator)
        let same = try KernelDistance(a, Tensor.randn([200, 6], generator: generator)).value(size: 50)
        let other = try KernelDistance(a, Tensor.randn([200, 6], generator: generator) + 0.7).value(size: 50)
        #expect(abs(same.mean) < 0.1 && same.deviation > 0)
        #expect(other.mean > 5 * abs(same.mean) && other.mean > 3 * other.deviation)
        // A set against itself: subsets share no rows, so the estimate is not pulled down.
        #expect(abs(try KernelDistance(a, a).value(size: 50).mean) < 0.1)
        #expect(throws: TorchError.self) { _ = try KernelDistance(a, a.narrow(0, 0, 10)) }
        #expect(throws: TorchError.self) { _ = try KernelDistance(a.narrow(0, 0, 3), a.narrow(0, 0, 3)) }
    }

    @Test func pooledFeaturesAreMeansOfUnitVectors() throws {
        let lpips = try LPIPS(.alex, in: Context(seed: 1))
        let images = try Tensor.rand([3, 3, 64, 64], generator: Generator(seed: 2)) * 2 - 1
        let rows = try withoutGradients { try lpips.pooledFeatures(of: images) }
        #expect(rows.shape == [3, 64 + 192 + 384 + 256 + 256])
        // Mean unit vectors are at most one long; the factor makes a layer's squares sum to at most its channels.
        let first = try rows.narrow(1, 0, 64).square().sum([1]).floats()
        #expect(first.allSatisfy { $0 > 1 && $0 <= 64.01 }, "\(first)")
        let single = try withoutGradients { try lpips.pooledFeatures(of: images.narrow(0, 1, 1)) }
        #expect(try (rows.narrow(0, 1, 1) - single).abs().amax().item() < 1e-3)
    }

    @Test func diversityComparesDifferentPeople() throws {
        let lpips = try LPIPS(.alex, in: Context(seed: 1))
        // LPIPS needs weights that are not negative.
        for linear in [lpips.linear0, lpips.linear1, lpips.linear2, lpips.linear3, lpips.linear4] {
            try noGrad { () throws(TorchError) in _ = try linear.weight.copy_(linear.weight.abs()) }
        }
        let generator = try Generator(seed: 5)
        let a = try Tensor.rand([1, 3, 128, 128], generator: generator) * 2 - 1
        let b = try Tensor.rand([1, 3, 128, 128], generator: generator) * 2 - 1
        func measure(_ faces: [Tensor], _ persons: [String]) throws -> Double? {
            try LowerFaceDiversity.measure(.cat(faces, dim: 0), persons: persons, lpips: lpips)
        }
        let apart = try #require(try measure([a, b], ["1", "2"]))
        #expect(apart > 0)
        #expect(try #require(try measure([a, a], ["1", "2"])) < 1e-6)
        // Pairs: a-a of one person is left out, a-b twice remain.
        #expect(abs(try #require(try measure([a, a, b], ["1", "1", "2"])) - apart) < 1e-4 * apart)
        #expect(try measure([a, b], ["1", "1"]) == nil)
        // Only the lower face counts.
        let upper = try a + 0
        try noGrad { () throws(TorchError) in _ = try upper.narrow(2, 0, 56).fill_(0) }
        #expect(try #require(try measure([a, upper], ["1", "2"])) < 1e-6)
    }

    @Test func regionsAreScoredByThemselves() throws {
        let lpips = try LPIPS(.alex, in: Context(seed: 1))
        var truth = FloatImage(width: 64, height: 64, channels: 3)
        for i in truth.data.indices { truth.data[i] = 0.3 + 0.2 * Float(i % 11) / 11 }
        var face = truth
        var lower = FloatImage(width: 64, height: 64, channels: 1)
        for y in 32..<64 {
            for x in 0..<64 {
                lower[0, y, x] = 1
                for c in 0..<3 { face[c, y, x] += 0.1 }
            }
        }
        var upper = lower
        for i in upper.data.indices { upper.data[i] = 1 - lower.data[i] }
        let hidden = try HiddenRegionScores.measure(face, truth: truth, alpha: lower, lpips: lpips)
        #expect(abs(hidden.l1 - 0.1) < 1e-6 && abs(hidden.mse - 0.01) < 1e-7)
        #expect(abs((hidden.psnr ?? 0) - 20) < 1e-4)
        let visible = try HiddenRegionScores.measure(face, truth: truth, alpha: upper, lpips: lpips)
        #expect(visible.l1 == 0 && visible.psnr == nil)
        #expect(visible.ssim > hidden.ssim && visible.ssim > 0.9)
        let mean = {
            var sum = hidden; sum += visible; return sum / 2
        }()
        #expect(abs(mean.l1 - 0.05) < 1e-6 && abs(mean.ssim - (hidden.ssim + visible.ssim) / 2) < 1e-9)
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(visible)) as? [String: Double]
        #expect(json?.keys.sorted() == ["l1", "lpips", "mse", "ssim"])
        let none = FloatImage(width: 64, height: 64, channels: 1)
        #expect(throws: MetricsError.self) {
            _ = try HiddenRegionScores.measure(face, truth: truth, alpha: none, lpips: lpips)
        }
    }
}
