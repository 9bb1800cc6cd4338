import Configuration
import Foundation
import Testing
import Torch
import Unmasking

/// Adaptive discriminator augmentation against PyTorch: Tools/reference/augmentation.py.
@Suite struct AugmentationTests {
    /// The changes of the reference's `CASES`.
    static let cases: [AugmentationDraw] = {
        var list: [AugmentationDraw] = []
        func add(_ change: (inout AugmentationDraw) -> Void) {
            var draw = AugmentationDraw()
            change(&draw)
            list.append(draw)
        }
        add { $0.isMirrored = true }
        add { $0.quarterTurns = 1 }
        add { $0.quarterTurns = 3 }
        add { ($0.shiftX, $0.shiftY) = (0.11, -0.06) }
        add { $0.scale = 0.8 }
        add { $0.turn = 0.4 }
        add { $0.stretch = 1.2 }
        add { $0.lateTurn = -2.5 }
        add { ($0.offsetX, $0.offsetY) = (0.043, -0.171) }
        add { $0.brightness = 0.3 }
        add { $0.contrast = 1.6 }
        add { $0.isLumaFlipped = true }
        add { $0.hue = 1.1 }
        add { $0.saturation = 0.4 }
        add { _ in }
        add {
            $0.isMirrored = true
            ($0.quarterTurns, $0.shiftX, $0.shiftY, $0.scale, $0.turn) = (2, -0.1, 0.12, 1.3, 2)
            ($0.stretch, $0.lateTurn, $0.offsetX, $0.offsetY) = (0.85, 0.7, 0.1, 0.02)
            ($0.brightness, $0.contrast, $0.isLumaFlipped, $0.hue, $0.saturation) = (-0.2, 0.7, true, -2, 2)
        }
        return list
    }()

    private let images: Tensor

    init() throws { images = try Reference.hashed("augmented", [Self.cases.count, 3, 16, 16]) }

    @Test(arguments: [false, true])
    func everyChangeAgreesWithReference(isSecondOrder: Bool) throws {
        let fixture = try Reference.read("augmentation.safetensors")
        for (index, draw) in Self.cases.enumerated() {
            let seen = try AugmentedView([draw])(
                images[index..<(index + 1)], isSecondOrder: isSecondOrder)
            try expectParity(seen, fixture["case.\(index)"], "case \(index)")
        }
        let all = try AugmentedView(Self.cases)(images, isSecondOrder: isSecondOrder)
        try expectParity(all, fixture["batch"], "all at once")
        let taps = try #require(fixture["sym6"]).floats()
        for (tap, expected) in zip(AugmentedView.sym6, taps) { #expect(abs(tap - Double(expected)) < 1e-6) }
    }

    /// The wavelet is orthonormal: enlarging and reducing alone change nothing.
    @Test func aWholeTurnGivesThePictureBack() throws {
        var turn = AugmentationDraw()
        turn.turn = 2 * .pi
        #expect(!turn.keepsPlaces)
        let seen = try AugmentedView(Array(repeating: turn, count: Self.cases.count))(images)
        #expect(try relativeError(seen, images) < 1e-4)
        #expect(throws: TorchError.self) { try AugmentedView([turn])(images) }
    }

    /// A linear map: the gradient's gradient is the map again, and first and second order agree.
    @Test func gradientsFlowTwice() throws {
        let direction = try Reference.hashed("direction", images.shape)
        func gradient(_ isSecondOrder: Bool) throws -> (leaf: Tensor, weights: Tensor, value: Tensor) {
            let leaf = try images.detach().requiresGrad_()
            let weights = try direction.detach().requiresGrad_()
            let seen = try AugmentedView(Self.cases)(leaf, isSecondOrder: isSecondOrder)
            let slope = try Autograd.grad(
                outputs: [(seen * weights).sum()], inputs: [leaf], createGraph: isSecondOrder)[0]
            return (leaf, weights, try #require(slope))
        }
        let (first, second) = (try gradient(false), try gradient(true))
        #expect(try relativeError(second.value, first.value) < 1e-4)
        let test = try Reference.hashed("test", images.shape)
        let twice = try Autograd.grad(outputs: [(second.value * test).sum()], inputs: [second.weights])[0]
        // Aᵀ is applied to the weights, so the derivative by them is A, without the constant part.
        let linear = try AugmentedView(Self.cases)(test) - AugmentedView(Self.cases)(test.zerosLike())
        #expect(try relativeError(#require(twice), linear) < 1e-4)
    }

    @Test func changesHappenWithTheirProbability() throws {
        var settings = DiscriminatorAugmentation()
        settings.brightness = 0.5
        settings.hue = 0
        let generator = try Generator(seed: 3)
        let draws = try settings.draws(4000, p: 0.4, generator: generator)
        func share(_ change: (AugmentationDraw) -> Bool) -> Double {
            Double(draws.count(where: change)) / Double(draws.count)
        }
        // A mirror image is drawn half of the time, a quarter turn three times of four.
        for (found, expected) in [
            (share(\.isMirrored), 0.2), (share { $0.quarterTurns != 0 }, 0.3),
            (share { $0.shiftX != 0 }, 0.4),
            (share { $0.scale != 1 }, 0.4), (share { $0.turn != 0 || $0.lateTurn != 0 }, 0.4),
            (share { $0.stretch != 1 }, 0.4), (share { $0.offsetX != 0 }, 0.4),
            (share { $0.brightness != 0 }, 0.2), (share { $0.contrast != 1 }, 0.4),
            (share(\.isLumaFlipped), 0.2), (share { $0.hue != 0 }, 0), (share { $0.saturation != 1 }, 0.4),
        ] { #expect(abs(found - expected) < 0.03, "\(found), expected \(expected)") }
        let scales = draws.map(\.scale).filter { $0 != 1 }.map { log2($0) }
        let deviation = (scales.reduce(0) { $0 + $1 * $1 } / Double(scales.count)).squareRoot()
        #expect(abs(deviation - 0.2) < 0.02)
        #expect(draws.allSatisfy { abs($0.shiftX) <= 0.125 && abs($0.turn) <= .pi })
        #expect(try settings.draws(50, p: 0, generator: generator).allSatisfy { $0 == AugmentationDraw() })
    }

    @Test func theProbabilityFollowsTheSigns() throws {
        var settings = DiscriminatorAugmentation()
        (settings.interval, settings.images, settings.limit) = (2, 80, 0.3)
        var probability = AdaptiveProbability(settings)
        let sure = try Tensor.ones([4, 1])
        try probability.observe(real: sure)
        #expect(probability.p == 0 && probability.overfitting == nil)
        try probability.observe(real: sure)
        #expect(abs(probability.p - 0.1) < 1e-12 && probability.overfitting == 1)
        var copy = AdaptiveProbability(settings)
        try probability.observe(real: sure)
        let restored = copy.restore(probability.state)
        #expect(restored && copy == probability)
        for _ in 0..<7 { try probability.observe(real: sure) }
        #expect(probability.p == 0.3, "the limit holds")
        // Half of them wrong: the mean sign is below the target, and p comes down to 0.
        let unsure = try Tensor([1.0, -1, 1, -1], shape: [4, 1])
        for _ in 0..<10 { try probability.observe(real: unsure) }
        #expect(probability.p == 0 && probability.overfitting == 0)
        let refused = copy.restore([0.5])
        #expect(!refused)
        settings.target = nil
        settings.initial = 0.2
        var fixed = AdaptiveProbability(settings)
        for _ in 0..<4 { try fixed.observe(real: sure) }
        #expect(fixed.p == 0.2)
    }
}
