import Faces
import Foundation
import Imaging
import NN
import Testing
import Torch
import Training
import Unmasking

@Suite struct UnmaskerTrainingTests {
    @Test func stagesKeepDefaultsForMissingKeys() throws {
        let configuration = try UnmaskerTraining.load(
            json5: """
                { stages: [ { name: 'a', steps: 10 },
                  { name: 'b', steps: 5, size: 64, identity: 0.1, pathLength: { weight: 2 },
                    latentAdversarial: { weight: 0.1, real: 'mapping' } } ] }
                """)
        let stage = configuration.stages[1]
        #expect(stage.identity == 0.1)
        #expect(stage.perceptual == UnmaskerStage().perceptual)
        #expect(stage.pathLength == PathLengthRegularization.Settings(weight: 2))
        #expect(stage.latentAdversarial == LatentAdversarialLoss(weight: 0.1, real: .mapping))
        #expect(configuration.stages[0].latentAdversarial.weight == 0)
        #expect(configuration.stages[0].pathLength.weight == 0)
        #expect(configuration.stage(at: 9).index == 0)
        let second = configuration.stage(at: 12)
        #expect(second.index == 1 && second.step == 2 && second.stage.size == 64)
        #expect(configuration.totalSteps == 15)
    }

    @Test(arguments: [
        ("{ stages: [ { size: 100 } ] }", "size 100"), ("{ stages: [ { maskShare: 2 } ] }", "maskShare 2"),
        ("{ stages: [ { stepz: 2 } ] }", "stepz"), ("{ stages: [ { rate: 0 } ] }", "rate 0"),
        ("{ stages: [ { pathLength: { wait: 2 } } ] }", "wait"),
        ("{ keepCheckpoints: 0 }", "keepCheckpoints 0"),
    ])
    func badSettingsAreNamed(text: String, expected: String) {
        let error = #expect(throws: (any Error).self) { try UnmaskerTraining.load(json5: text) }
        #expect(error.map { "\($0)" }?.contains(expected) == true, "\(text): \(String(describing: error))")
    }

    @Test func theRateComesDownWithinEachStage() throws {
        var (first, second) = (TinyUnmasker.stage(steps: 10), TinyUnmasker.stage(steps: 20))
        (first.rate, first.finalRate, first.discriminatorRate) = (4e-3, 2e-3, 1e-3)
        (second.rate, second.finalRate) = (2e-3, 0)
        let training = TinyUnmasker.training([first, second])
        let (rate, other) = (training.schedule(\.rate), training.schedule(\.discriminatorRate))
        for (step, expected) in [(0, 4e-3), (5, 3e-3), (10, 2e-3), (20, 1e-3), (30, 0), (99, 0)] {
            #expect(abs(rate.factor(at: step) - expected) < 1e-12, "step \(step)")
        }
        #expect(abs(other.factor(at: 5) - 0.75e-3) < 1e-12)
    }

    @Test func heldBackFacesAreDrawnFromTheWholeFile() throws {
        let split = try FaceSplit(count: 1000, heldBack: 100, seed: 0)
        #expect(Set(split.training).union(split.heldBack) == Set(0..<1000))
        #expect(split.training.count == 900 && split.heldBack.count == 100)
        #expect(split.training == split.training.sorted())
        // Every tenth of the file has some, and no run of neighbours was taken.
        for start in stride(from: 0, to: 1000, by: 100) {
            #expect((2...25).contains(split.heldBack.count { (start..<(start + 100)).contains($0) }))
        }
        #expect(try split == FaceSplit(count: 1000, heldBack: 100, seed: 0))
        #expect(try split.heldBack != FaceSplit(count: 1000, heldBack: 100, seed: 1).heldBack)
        #expect(throws: UnmaskingError.self) { try FaceSplit(count: 5, heldBack: 5, seed: 0) }
    }

    /// A resumed training must see the batches that an uninterrupted one sees.
    @Test func batchesFollowFromTheStepAlone() throws {
        let training = TinyUnmasker.training([
            TinyUnmasker.stage("a", steps: 6), TinyUnmasker.stage("b", steps: 7),
        ])
        let data = try UnmaskerData(TinyUnmasker.faces(), training)
        let held = Set(data.split.heldBack.map { "face-\($0).png" })
        let whole = try data.batches()
        var seen: [Batch] = []
        while let batch = try whole.next() { seen.append(batch) }
        #expect(seen.count == 13)
        #expect(seen.allSatisfy { $0.names.allSatisfy { !held.contains($0) } })
        #expect(try seen.contains { try $0.floats("alpha").amax().item() > 0.5 })
        #expect(try seen.contains { try $0.floats("alpha").amax([1, 2, 3]).amin().item() < 0.5 })
        // Within a stage's first and later epochs (4 batches each), and at a stage's start.
        for step in [3, 5, 6, 11] {
            let again = try data.batches()
            try again.restore(data.position(at: step))
            let batch = try #require(try again.next())
            #expect(batch.names == seen[step].names, "step \(step)")
            #expect(try batch.floats("input").floats() == seen[step].floats("input").floats())
        }
        let first = try data.heldBack(limit: 3)
        let (a, b) = (try first[0].input.floats(), try data.heldBack(limit: 3)[0].input.floats())
        #expect(first.count == 1 && first[0].count == 3 && a == b)
        #expect(try first[0].alpha.amax([1, 2, 3]).amin().item() > 0.5)
    }

    @Test func facesOfAnotherSizeAreRefused() throws {
        let training = TinyUnmasker.training([TinyUnmasker.stage(steps: 1)])
        let error = #expect(throws: UnmaskingError.self) {
            try UnmaskerData(TinyUnmasker.faces(count: 6, size: 16), training)
        }
        #expect("\(try #require(error))".contains("faces of 16 px"))
        #expect(throws: UnmaskingError.self) { try UnmaskerData(TinyUnmasker.faces(count: 7), training) }
    }

    @Test func trainingLowersTheLossAndMeasuresHeldBackFaces() throws {
        let stage = TinyUnmasker.stage(steps: 60)
        let (task, losses) = try TinyUnmasker.run(TinyUnmasker.training([stage]))
        func mean(_ part: ArraySlice<[String: Double]>) -> Double {
            part.reduce(0) { $0 + ($1["pixel"] ?? .nan) } / Double(part.count)
        }
        #expect(mean(losses.suffix(5)) < 0.6 * mean(losses.prefix(2)))
        let values = try task.validate()
        #expect(Set(values.keys) == ["l1", "mask iou"])
        #expect(values.allSatisfy { (0...1).contains($0.value) })
        // Truth and drawing differ by half as much in 0…1 as in -1…1.
        let fresh = try TinyUnmasker.task(TinyUnmasker.training([stage])).validate()
        #expect(try #require(values["l1"]) < 0.8 * #require(fresh["l1"]))
        let grid = try #require(try task.sampleGrid())
        #expect(grid.width > 10 * 32 && grid.height > 2 * 32)
    }

    /// An optional term, the network that it must change, and the setting that switches it on.
    struct OptionalTerm: Sendable, CustomTestStringConvertible {
        let name: String
        let network: String
        let switchOn: @Sendable (inout UnmaskerStage) -> Void
        var testDescription: String { name }

        init(
            _ name: String, changes network: String,
            switchOn: @escaping @Sendable (inout UnmaskerStage) -> Void
        ) {
            self.name = name
            self.network = network
            self.switchOn = switchOn
        }

        static let all = [
            OptionalTerm("adversarial", changes: "model") { $0.adversarial = AdversarialLoss(weight: 0.1) },
            OptionalTerm("r1", changes: "discriminator") {
                $0.adversarial = AdversarialLoss(weight: 0.1)
                $0.r1 = R1Regularization(gamma: 1, interval: 2)
            },
            OptionalTerm("feature adversarial", changes: "model") {
                $0.featureAdversarial = FeatureAdversarialLoss(weight: 0.1)
            },
            OptionalTerm("consistency", changes: "model") {
                $0.consistency = LatentConsistencyLoss(weight: 1)
            },
            OptionalTerm("latent adversarial", changes: "model") {
                $0.latentAdversarial = LatentAdversarialLoss(weight: 0.1)
            },
            OptionalTerm("latent discriminator", changes: "latentDiscriminator") {
                $0.latentAdversarial = LatentAdversarialLoss(weight: 0.1, real: .mapping, rate: 1e-3)
            },
            OptionalTerm("latent r1", changes: "latentDiscriminator") {
                $0.latentAdversarial = LatentAdversarialLoss(
                    weight: 0.1, rate: 1e-3, r1: R1Regularization(gamma: 1, interval: 2))
            },
            OptionalTerm("path length", changes: "model") {
                $0.pathLength = PathLengthRegularization.Settings(weight: 1, interval: 2)
            },
            OptionalTerm("mirror", changes: "model") { $0.mirror = MirrorConsistencyLoss(weight: 1) },
            OptionalTerm("variation", changes: "model") { $0.variation = TotalVariationLoss(weight: 1) },
            OptionalTerm("norm", changes: "model") {
                $0.latent = LatentRegularization(normWeight: 0.1, deltaWeight: 1e-4)
            },
        ]
    }

    /// Each optional term, alone: its name in the log, finite values, and other weights than without it.
    @Test(arguments: OptionalTerm.all) func everyTermIsOneSetting(term: OptionalTerm) throws {
        let plain = TinyUnmasker.stage(steps: 4)
        var changed = plain
        term.switchOn(&changed)
        let (without, silent) = try TinyUnmasker.run(TinyUnmasker.training([plain]))
        let (with, logged) = try TinyUnmasker.run(TinyUnmasker.training([changed]))
        #expect(silent.allSatisfy { $0[term.name] == nil })
        #expect(logged.contains { $0[term.name] != nil })
        #expect(logged.allSatisfy { $0.values.allSatisfy(\.isFinite) })
        let networks = try [without, with].map { try #require($0.components.modules[term.network]) }
        let differences = try zip(networks[0].parameters(), networks[1].parameters()).map {
            try ($0.detach() - $1.detach()).abs().amax().item()
        }
        #expect(differences.contains { $0 > 1e-6 })
    }

    /// After some steps it tells true faces from what a generator that does not learn draws.
    @Test func featureDiscriminatorLearns() throws {
        var stage = TinyUnmasker.stage(steps: 60)
        stage.freezesGenerator = true
        (stage.rate, stage.finalRate) = (1e-9, 1e-9)
        stage.featureAdversarial = FeatureAdversarialLoss(weight: 0.1, rate: 1e-2)
        let losses = try TinyUnmasker.run(TinyUnmasker.training([stage])).losses.map {
            try #require($0["feature discriminator"])
        }
        // Guessing costs 2.
        #expect(losses[0] > 1.5)
        let last = losses.suffix(5).reduce(0, +) / 5
        #expect(last < 1)
    }

    @Test func aFrozenGeneratorStaysAsItIs() throws {
        var frozen = TinyUnmasker.stage(steps: 3)
        frozen.freezesGenerator = true
        let training = TinyUnmasker.training([frozen])
        let before = try TinyUnmasker.task(training).networks.model
        let after = try TinyUnmasker.run(training).task.networks.model
        func bytes(_ module: Module) throws -> [[UInt8]] { try module.parameters().map { try $0.bytes() } }
        #expect(try bytes(before.generator) == bytes(after.generator))
        #expect(try bytes(before.encoder) != bytes(after.encoder))
    }

    @Test func stylesAreSetFreeOneAfterTheOther() throws {
        let deltas = ProgressiveDeltas(start: 10, every: 5)
        #expect([0, 9, 10, 14, 15, 99].map { deltas.active(step: $0) } == [0, 0, 1, 1, 2, 18])
        #expect(ProgressiveDeltas().active(step: 3) == nil)
        var stage = TinyUnmasker.stage(steps: 1)
        stage.deltas = deltas
        stage.latent = LatentRegularization(normWeight: 0, deltaWeight: 1)
        let losses = try TinyUnmasker.run(TinyUnmasker.training([stage])).losses
        // All styles are one: what is left of each of the 7 lengths is the constant that keeps the gradient finite.
        #expect(abs(try #require(losses.first?["delta"]) - 7e-4) < 1e-6)
    }

    @Test func aLossThatIsNotFiniteNamesTermStepAndFaces() throws {
        var stage = TinyUnmasker.stage(steps: 2)
        stage.rate = 1e30
        stage.finalRate = 1e30
        let error = #expect(throws: TrainingError.self) {
            try TinyUnmasker.run(TinyUnmasker.training([stage]))
        }
        guard case .notFinite(step: 1, let term, _, let items, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!term.isEmpty && items.count == 4 && items.allSatisfy { $0.hasPrefix("face-") })
    }
}
