import Faces
import Imaging
import Testing
import Training
import Unmasking

@Suite struct FaceAugmentationTests {
    let face: FloatImage
    let landmarks: FiveLandmarks

    init() throws {
        let faces = try TinyUnmasker.faces(count: 1, size: 64)
        (face, landmarks) = (faces.image(0), faces.landmarks[0])
    }

    private func example(
        maskShare: Double = 1, seed: UInt64 = 5, mesh: FaceLandmarks468? = nil,
        _ change: (inout FaceAugmentation) -> Void = { _ in }
    ) throws -> FaceAugmentation.Example {
        var augmentation = FaceAugmentation.none
        change(&augmentation)
        return try augmentation.example(
            face, landmarks: landmarks, mesh: mesh, maskShare: maskShare, seed: seed)
    }

    @Test func withoutChangesTheTruthIsThePhoto() throws {
        let plain = try example(maskShare: 0)
        #expect(plain.clean == face && plain.input == face)
        #expect(plain.alpha.data.allSatisfy { $0 == 0 })
        let masked = try example()
        #expect(masked.clean == face && masked.input != face)
        #expect(masked.alpha.data.contains { $0 > 0.9 })
        let again = try example()
        #expect(masked.input == again.input && masked.alpha == again.alpha)
    }

    /// What is in front of the mask is not mask, and the truth has neither.
    @Test func thingsInFrontAreNoPartOfTheMask() throws {
        var (changed, hidden, freed) = (0, 0, 0)
        for seed in 0..<20 {
            let plain = try example(seed: UInt64(seed))
            let occluded = try example(seed: UInt64(seed)) { $0.occluded = 1 }
            #expect(occluded.clean == plain.clean)
            #expect(zip(occluded.alpha.data, plain.alpha.data).allSatisfy { $0 <= $1 + 1e-6 })
            if occluded.input != plain.input { changed += 1 }
            hidden += plain.alpha.data.count { $0 > 0.5 }
            freed += zip(occluded.alpha.data, plain.alpha.data).count { $0 < 0.5 && $1 > 0.5 }
            let bare = try example(maskShare: 0, seed: UInt64(seed)) { $0.occluded = 1 }
            #expect(bare.alpha.data.allSatisfy { $0 == 0 })
            #expect(bare.input != face)
        }
        #expect(changed == 20)
        #expect(Double(freed) > 0.1 * Double(hidden), "\(freed) of \(hidden) masked pixels are covered")
    }

    /// Gaiters and bandanas cover more than what most people wear.
    @Test func rareMasksCoverMore() throws {
        var (usual, rare, changed) = (0, 0, 0)
        for seed in 0..<20 {
            let plain = try example(seed: UInt64(seed))
            let other = try example(seed: UInt64(seed)) { $0.rare = 1 }
            #expect(try example(seed: UInt64(seed)) { $0.rare = 0 }.input == plain.input)
            if other.input != plain.input { changed += 1 }
            usual += plain.alpha.data.count { $0 > 0.5 }
            rare += other.alpha.data.count { $0 > 0.5 }
        }
        #expect(changed > 12 && rare > usual, "\(changed) changed, \(usual) and \(rare) pixels covered")
    }

    /// Colours change, places do not.
    @Test func recolouredMasksLieWhereTheyLay() throws {
        var changed = 0
        for seed in 0..<20 {
            let plain = try example(seed: UInt64(seed))
            let other = try example(seed: UInt64(seed)) { $0.recoloured = 1 }
            #expect(other.alpha == plain.alpha)
            if other.input != plain.input { changed += 1 }
        }
        #expect(changed >= 18)
    }

    /// What is printed on masks changes them all over and nothing else; valves change a part.
    @Test func printsAndValvesLieOnMasksAlone() throws {
        func changed(_ change: (inout FaceAugmentation) -> Void) throws -> Double {
            var (differing, covered) = (0, 0)
            for seed in 0..<20 {
                let plain = try example(seed: UInt64(seed))
                let other = try example(seed: UInt64(seed), change)
                #expect(other.clean == plain.clean)
                let plane = face.width * face.height
                for i in 0..<plane {
                    let differs = (0..<3).contains {
                        abs(other.input.data[$0 * plane + i] - plain.input.data[$0 * plane + i]) > 0.02
                    }
                    if differs { differing += 1 }
                    if plain.alpha.data[i] > 0.5 { covered += 1 }
                    // Outside the mask and its shadow nothing changes; JPEG's blocks carry a little of it beyond.
                    if plain.alpha.data[i] == 0, other.alpha.data[i] == 0, differs { outside += 1 }
                }
            }
            return Double(differing) / Double(covered)
        }
        var outside = 0
        let (printed, valved) = (try changed { $0.printed = 1 }, try changed { $0.valved = 1 })
        #expect(printed > 0.7 && valved > 0.02 && valved < 0.5 * printed, "\(printed), \(valved)")
        #expect(outside < 50, "\(outside)")
        #expect(try changed { $0.printed = 0 } == 0)
    }

    @Test func slippedMasksFreeTheNose() throws {
        let nose = landmarks.nose
        func covered(_ slipped: Double) throws -> Int {
            try (0..<20).count { seed in
                let alpha = try example(seed: UInt64(seed)) { $0.slipped = slipped }.alpha
                return alpha[0, Int(nose.y), Int(nose.x)] > 0.5
            }
        }
        #expect(try covered(0) == 20)
        #expect(try covered(1) <= 1)
    }

    @Test func masksFollowTheMesh() throws {
        // A face whose mesh is wider than its five points tell.
        let usual = try FaceLandmarks468(fivePoints: landmarks.points)
        let middle = landmarks.nose.x
        let wide = try FaceLandmarks468(
            usual.points.map { Point(middle + 1.25 * ($0.x - middle), $0.y) })
        func area(_ meshed: Double) throws -> Double {
            try (0..<10).reduce(0) { sum, seed in
                let alpha = try example(seed: UInt64(seed), mesh: wide) { $0.meshed = meshed }.alpha
                return sum + Double(alpha.data.reduce(0, +))
            }
        }
        #expect(try area(1) > 1.1 * area(0))
    }

    @Test func lightChangesTruthAndInputAlike() throws {
        let grey = try example(maskShare: 0) { $0.grey = 1 }
        let plane = face.width * face.height
        #expect(grey.clean == grey.input)
        #expect((0..<plane).allSatisfy { grey.clean.data[$0] == grey.clean.data[2 * plane + $0] })
        var largest: Float = 0
        for seed in 0..<20 {
            let tinted = try example(maskShare: 0, seed: UInt64(seed)) {
                $0.tinted = 1
                $0.tint = 0.3
            }
            #expect(tinted.clean == tinted.input)
            let ratios = (0..<3).map { tinted.clean.data[$0 * plane] / face.data[$0 * plane] }
            #expect(ratios.allSatisfy { (0.699...1.301).contains($0) })
            largest = max(largest, (ratios.max() ?? 1) - (ratios.min() ?? 1))
        }
        #expect(largest > 0.3)
    }

    /// Sum of absolute differences of neighbours: what blur takes away and noise adds.
    private func detail(_ image: FloatImage) -> Double {
        (1..<image.data.count).reduce(0) { $0 + Double(abs(image.data[$1] - image.data[$1 - 1])) }
    }

    @Test func qualityChangesTheInputAlone() throws {
        func input(_ change: (inout FaceAugmentation) -> Void) throws -> FloatImage {
            let result = try example(seed: 3) {
                $0.degraded = 1
                ($0.lowResolution, $0.blurred, $0.noisy, $0.compressed) = (0, 0, 0, 0)
                change(&$0)
            }
            #expect(result.clean == face)
            return result.input
        }
        let plain = try example(seed: 3).input
        #expect(try input { _ in } == plain)
        #expect(try detail(input { $0.blurred = 1 }) < 0.95 * detail(plain))
        #expect(try detail(input { $0.lowResolution = 1 }) < 0.95 * detail(plain))
        #expect(try detail(input { $0.noisy = 1 }) > 1.1 * detail(plain))
        let compressed = try input { $0.compressed = 1 }
        #expect(compressed != plain)
        let worst = zip(compressed.data, plain.data).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 0.4)
    }
}
