import Faces
import Foundation
import Imaging
import Testing

@Suite("Mask synthesis")
struct MaskingTests {
    let synthesizer = MaskSynthesizer()
    /// Landmarks that a normally worn mask hides: nose tip, lips, chin.
    let hidden = [4, 1, 0, 17, 13, 61, 291, 199]

    @Test func sameSeedSamePixels() throws {
        let face = try MaskingSupport.face(eyeDistance: 38, centre: Point(64, 50), yaw: 0.3)
        let photo = MaskingSupport.portrait(width: 128, height: 128, points: face)
        for kind in MaskKind.allCases {
            let style = MaskStyle.random(seed: 11, kinds: [kind])
            #expect(style == MaskStyle.random(seed: 11, kinds: [kind]))
            let first = try synthesizer.wear(style, on: photo, landmarks: face, seed: 5)
            let again = try synthesizer.wear(style, on: photo, landmarks: face, seed: 5)
            #expect(first.image == again.image)
            #expect(first.alpha == again.alpha)
        }
        let one = try synthesizer.wear(MaskStyle.random(seed: 1), on: photo, landmarks: face, seed: 1)
        let two = try synthesizer.wear(MaskStyle.random(seed: 2), on: photo, landmarks: face, seed: 1)
        #expect(one.image != two.image)
    }

    @Test func generatorMatchesReferenceSequence() {
        // First outputs of the reference SplitMix64 for seed 1234567 (Vigna's splitmix64.c).
        var random = MaskRandom(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        #expect(random.next() == 9_817_491_932_198_370_423)
    }

    @Test(arguments: MaskKind.allCases) func normalWearCoversNoseMouthAndChin(kind: MaskKind) throws {
        for (index, yaw) in [-0.5, 0, 0.5].enumerated() {
            let face = try MaskingSupport.face(eyeDistance: 60, centre: Point(128, 90), yaw: yaw, roll: 0.1)
            let photo = MaskingSupport.portrait(width: 256, height: 256, points: face)
            let result = try synthesizer.wear(
                MaskStyle(kind), on: photo, landmarks: face, seed: UInt64(index))
            for landmark in hidden {
                #expect(
                    MaskingSupport.value(result.alpha, at: face.points[landmark]) > 0.9,
                    "\(kind) leaves landmark \(landmark) free at yaw \(yaw)")
            }
            // Eyes and forehead stay free.
            for landmark in [159, 386, 10, 151, 9] {
                #expect(
                    MaskingSupport.value(result.alphaWithStraps, at: face.points[landmark]) == 0,
                    "\(kind) hides landmark \(landmark) at yaw \(yaw)")
            }
        }
    }

    @Test(arguments: MaskKind.allCases) func lowWearFreesTheNose(kind: MaskKind) throws {
        let face = try MaskingSupport.face(eyeDistance: 60, centre: Point(128, 80))
        let photo = MaskingSupport.portrait(width: 256, height: 256, points: face)
        var style = MaskStyle(kind)
        style.fit.position = .belowNose
        let nose = try synthesizer.wear(style, on: photo, landmarks: face, seed: 1)
        #expect(MaskingSupport.value(nose.alpha, at: face.points[4]) == 0)
        #expect(MaskingSupport.value(nose.alpha, at: face.points[5]) == 0)
        #expect(MaskingSupport.value(nose.alpha, at: face.points[17]) > 0.9)
        style.fit.position = .belowChin
        let chin = try synthesizer.wear(style, on: photo, landmarks: face, seed: 1)
        for landmark in [4, 1, 0, 13, 14] {
            #expect(MaskingSupport.value(chin.alpha, at: face.points[landmark]) == 0)
        }
        #expect(MaskingSupport.share(chin.alpha) > 0.005)
    }

    @Test func randomStylesCoverAsWornInTheWild() throws {
        let face = try MaskingSupport.face(eyeDistance: 36, centre: Point(64, 46))
        let photo = MaskingSupport.portrait(width: 128, height: 128, points: face)
        var mouths = 0
        var noses = 0
        var kinds: Set<MaskKind> = []
        let count = 300
        for seed in 0..<UInt64(count) {
            let style = MaskStyle.random(seed: seed)
            kinds.insert(style.kind)
            let result = try synthesizer.wear(style, on: photo, landmarks: face, seed: seed)
            let share = MaskingSupport.share(result.alpha)
            #expect(share > 0.02 && share < 0.6, "seed \(seed) covers \(share) of the crop")
            if MaskingSupport.value(result.alpha, at: face.points[13]) > 0.9 { mouths += 1 }
            if MaskingSupport.value(result.alpha, at: face.points[4]) > 0.9 { noses += 1 }
            if style.fit.position == .normal {
                #expect(MaskingSupport.value(result.alpha, at: face.points[13]) > 0.9)
            }
        }
        #expect(kinds == Set(MaskKind.allCases))
        #expect(Double(mouths) / Double(count) > 0.93)
        #expect(Double(noses) / Double(count) > 0.82 && noses < count)
    }

    @Test func onlyReportedPixelsChange() throws {
        let face = try MaskingSupport.face(eyeDistance: 50, centre: Point(100, 80), yaw: 0.4, roll: -0.2)
        let photo = MaskingSupport.portrait(width: 220, height: 200, points: face)
        let plane = photo.width * photo.height
        for seed in 0..<40 as Range<UInt64> {
            let result = try synthesizer.wear(
                MaskStyle.random(seed: seed), on: photo, landmarks: face, seed: seed)
            var changedOutside = 0
            var outOfRange = 0
            for i in 0..<plane {
                let touched =
                    result.alpha.data[i] > 0 || result.straps.data[i] > 0 || result.shadow.data[i] > 0
                for c in 0..<3 {
                    if !touched && result.image.data[c * plane + i] != photo.data[c * plane + i] {
                        changedOutside += 1
                    }
                    if !(0...1).contains(result.image.data[c * plane + i]) { outOfRange += 1 }
                }
                for value in [result.alpha.data[i], result.straps.data[i], result.shadow.data[i]]
                where !(0...1).contains(value) {
                    outOfRange += 1
                }
                let (x, y) = (i % photo.width, i / photo.width)
                let r = result.region
                if touched && !(x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height) {
                    changedOutside += 1
                }
            }
            #expect(changedOutside == 0)
            #expect(outOfRange == 0)
        }
    }

    @Test(arguments: MaskKind.allCases) func extremePoses(kind: MaskKind) throws {
        for (yaw, pitch, roll) in [(1.3, 0, 0), (-1.3, 0.2, 1.5), (0.8, 0.6, -2.5), (-0.4, -0.7, 3.1)]
            as [(Double, Double, Double)]
        {
            let face = try MaskingSupport.face(
                eyeDistance: 30, centre: Point(64, 60), yaw: yaw, roll: roll, pitch: pitch)
            let photo = MaskingSupport.portrait(width: 128, height: 128, points: face)
            for seed in 0..<4 as Range<UInt64> {
                let result = try synthesizer.wear(
                    .random(seed: seed, kinds: [kind]), on: photo, landmarks: face, seed: seed)
                #expect(result.image.data.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 1 })
                #expect(result.alpha.data.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 1 })
                #expect(MaskingSupport.share(result.alpha) > 0.01)
            }
        }
    }

    @Test func landmarksOutsideThePicture() throws {
        for centre in [Point(-20, 40), Point(150, 150), Point(64, -30), Point(-4000, 900)] {
            let face = try MaskingSupport.face(eyeDistance: 40, centre: centre)
            let photo = FloatImage(width: 128, height: 128, channels: 3, fill: 0.5)
            let result = try synthesizer.wear(MaskStyle(.surgical), on: photo, landmarks: face, seed: 3)
            #expect(result.image.data.allSatisfy { $0.isFinite })
            if centre.x == -4000 {
                #expect(result.region.isEmpty)
                #expect(result.image == photo)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 9, 17]) func tinyPictures(size: Int) throws {
        let face = try MaskingSupport.face(
            eyeDistance: max(Double(size) * 0.3, 2), centre: Point(Double(size) / 2, Double(size) * 0.35))
        for channels in [1, 3] {
            let photo = MaskingSupport.portrait(width: size, height: size, channels: channels, points: face)
            for kind in MaskKind.allCases {
                let result = try synthesizer.wear(MaskStyle(kind), on: photo, landmarks: face, seed: 1)
                #expect(result.image.data.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 1 })
                #expect(result.image.channels == channels)
            }
        }
    }

    @Test func farCheekShowsLessThanTheNearOne() throws {
        let face = try MaskingSupport.face(eyeDistance: 60, centre: Point(128, 90), yaw: 0.7)
        let photo = MaskingSupport.portrait(width: 256, height: 256, points: face)
        let alpha = try synthesizer.wear(MaskStyle(.surgical), on: photo, landmarks: face, seed: 1).alpha
        // The nose points to the right of the picture, so its left side is near.
        let nose = Int(face.points[0].x)
        let row = Int(face.points[0].y)
        let left = (0..<nose).filter { alpha[0, row, $0] > 0.5 }.count
        let right = (nose..<256).filter { alpha[0, row, $0] > 0.5 }.count
        #expect(left > 2 * right)
    }

    @Test func lightFollowsTheFace() throws {
        // A white mask on a face lit from the left is brighter on the left.
        let face = try MaskingSupport.face(eyeDistance: 60, centre: Point(128, 90))
        let photo = MaskingSupport.portrait(width: 256, height: 256, points: face)
        var style = MaskStyle(.surgical)
        style.texture.colours = [MaskColour(0.9, 0.9, 0.9)]
        style.rendering.noise = 0
        let result = try synthesizer.wear(style, on: photo, landmarks: face, seed: 1)
        let mouth = face.points[13]
        func level(_ offset: Double) -> Float {
            MaskingSupport.value(result.image, at: Point(mouth.x + offset, mouth.y))
        }
        #expect(level(-35) > level(35) + 0.03)
        style.rendering.light = .flat
        let flat = try synthesizer.wear(style, on: photo, landmarks: face, seed: 1)
        let difference =
            MaskingSupport.value(flat.image, at: Point(mouth.x - 35, mouth.y))
            - MaskingSupport.value(flat.image, at: Point(mouth.x + 35, mouth.y))
        #expect(abs(difference) < 0.05)
    }

    @Test func greyPhotosGetGreyMasks() throws {
        let face = try MaskingSupport.face(eyeDistance: 40, centre: Point(64, 50))
        let grey = MaskingSupport.portrait(width: 128, height: 128, channels: 1, points: face)
        let colour = try FloatImage(
            width: 128, height: 128, channels: 3, data: grey.data + grey.data + grey.data)
        var style = MaskStyle(.cloth)
        style.texture.colours = [MaskColour(0.9, 0.1, 0.1)]
        let result = try synthesizer.wear(style, on: colour, landmarks: face, seed: 1)
        let mouth = face.points[13]
        let i = Int(mouth.y) * 128 + Int(mouth.x)
        #expect(abs(result.image.data[i] - result.image.data[128 * 128 + i]) < 0.02)
        let greyResult = try synthesizer.wear(style, on: grey, landmarks: face, seed: 1)
        #expect(greyResult.image.channels == 1)
    }

    @Test func fivePointsAreReproduced() throws {
        let yaw = 0.35
        let face = try MaskingSupport.face(eyeDistance: 80, centre: Point(200, 150), yaw: yaw, roll: 0.2)
        let eye = (face.points[33] + face.points[133]) * 0.5
        let other = (face.points[263] + face.points[362]) * 0.5
        // Within a few per cent of the eye distance: the prior holds the pose back a little.
        let expected = Point(200 - 40 * cos(yaw) * cos(0.2), 150 - 40 * cos(yaw) * sin(0.2))
        #expect((eye - expected).length < 4)
        #expect((other - eye).length > 60)
        #expect(face.points[4].x > 200)
        #expect(face.points[152].y > face.points[4].y)
    }

    @Test func badInputIsExplained() throws {
        #expect(throws: MaskingError.landmarkCount(found: 3, expected: 468)) {
            try FaceLandmarks468([Point](repeating: Point(0, 0), count: 3))
        }
        #expect(throws: MaskingError.landmarkNotFinite(index: 0)) {
            try FaceLandmarks468([Point](repeating: Point(.nan, 0), count: 468))
        }
        #expect(throws: MaskingError.degenerateLandmarks) {
            try FaceLandmarks468(fivePoints: [Point](repeating: Point(5, 5), count: 5))
        }
        let point = try FaceLandmarks468([Point](repeating: Point(5, 5), count: 468))
        let photo = FloatImage(width: 16, height: 16, channels: 3)
        #expect(throws: MaskingError.degenerateLandmarks) {
            try synthesizer.wear(MaskStyle(.surgical), on: photo, landmarks: point, seed: 0)
        }
        let face = try MaskingSupport.face(eyeDistance: 6, centre: Point(8, 6))
        #expect(throws: MaskingError.channels(found: 4)) {
            try synthesizer.wear(
                MaskStyle(.surgical), on: FloatImage(width: 16, height: 16, channels: 4), landmarks: face,
                seed: 0)
        }
        var style = MaskStyle(.surgical)
        style.shape.drape = .nan
        do {
            _ = try synthesizer.wear(style, on: photo, landmarks: face, seed: 0)
            Issue.record("a drape that is not a number was accepted")
        } catch {
            #expect(error.description.contains("shape.drape"))
        }
    }

    @Test func stylesSurviveJSON() throws {
        for seed in 0..<50 as Range<UInt64> {
            let style = MaskStyle.random(seed: seed)
            try style.validate()
            let data = try JSONEncoder().encode(style)
            let decoded = try JSONDecoder().decode(MaskStyle.self, from: data)
            #expect(decoded == style)
        }
    }

    @Test func randomStylesAreAlwaysValid() throws {
        for seed in 0..<20_000 as Range<UInt64> { try MaskStyle.random(seed: seed).validate() }
    }
}
