import Faces
import Imaging
import Testing

@Suite struct OccluderTests {
    private static let skin: [Float] = [0.8, 0.6, 0.5]

    /// A face-sized plane of skin.
    private static func photo(size: Int, channels: Int = 3) -> FloatImage {
        var image = FloatImage(width: size, height: size, channels: channels)
        for c in 0..<channels {
            for i in 0..<(size * size) { image.data[c * size * size + i] = skin[c] }
        }
        return image
    }

    private static func landmarks(size: Int) -> FiveLandmarks {
        AlignmentTemplate.face128.scaled(to: size).landmarks
    }

    @Test(arguments: FaceOccluder.Kind.allCases) func itLiesOverTheLowerFaceAndNotOverBothEyes(
        kind: FaceOccluder.Kind
    ) {
        let size = 96
        let (photo, landmarks) = (Self.photo(size: size), Self.landmarks(size: size))
        var (lower, upper, blind) = (0.0, 0.0, 0)
        for seed in 0..<60 {
            let occluder = FaceOccluder.random(for: landmarks, on: photo, seed: UInt64(seed), kinds: [kind])
            #expect(occluder.kind == kind)
            let (image, alpha) = occluder.draw(on: photo)
            #expect(alpha.data.allSatisfy { (0...1.0001).contains($0) })
            #expect(image.data.allSatisfy { (0...1).contains($0) })
            let half = size * size / 2
            let share = Double(alpha.data.reduce(0, +)) / Double(alpha.data.count)
            #expect((0.005...0.75).contains(share), "\(kind) \(seed) covers \(share)")
            upper += Double(alpha.data[..<half].reduce(0, +))
            lower += Double(alpha.data[half...].reduce(0, +))
            let eyes = [landmarks.leftEye, landmarks.rightEye].map { MaskingSupport.value(alpha, at: $0) }
            if eyes.allSatisfy({ $0 > 0.5 }) { blind += 1 }
        }
        #expect(lower > 2.5 * upper, "\(kind): \(lower) below, \(upper) above")
        #expect(blind <= 3, "\(kind) hides both eyes in \(blind) of 60")
    }

    @Test func sameSeedSamePixelsAndNothingFarAwayChanges() {
        let (photo, landmarks) = (Self.photo(size: 64), Self.landmarks(size: 64))
        for seed in 0..<12 {
            let occluder = FaceOccluder.random(for: landmarks, on: photo, seed: UInt64(seed))
            let (image, alpha) = occluder.draw(on: photo)
            let again = FaceOccluder.random(for: landmarks, on: photo, seed: UInt64(seed)).draw(on: photo)
            #expect(image == again.image && alpha == again.alpha)
            let near = alpha.dilated(radius: 16)
            for i in near.data.indices where near.data[i] == 0 {
                #expect((0..<3).allSatisfy { image.data[$0 * 64 * 64 + i] == photo.data[$0 * 64 * 64 + i] })
            }
        }
    }

    @Test func handsHaveTheColourOfTheSkin() {
        let size = 96
        let photo = Self.photo(size: size)
        var sums = [0.0, 0, 0]
        for seed in 0..<20 {
            let (image, alpha) = FaceOccluder.random(
                for: Self.landmarks(size: size), on: photo, seed: UInt64(seed), kinds: [.hand]
            ).draw(on: photo)
            for i in alpha.data.indices where alpha.data[i] > 0.99 {
                for c in 0..<3 { sums[c] += Double(image.data[c * size * size + i]) }
            }
        }
        // The hue, whatever the light: ratios of the channels.
        #expect(abs(sums[1] / sums[0] - 0.6 / 0.8) < 0.08)
        #expect(abs(sums[2] / sums[0] - 0.5 / 0.8) < 0.08)
    }

    @Test func theShapeScalesWithThePicture() {
        for seed in 0..<8 {
            let shares = [64, 192].map { size in
                let photo = Self.photo(size: size)
                let alpha = FaceOccluder.random(
                    for: Self.landmarks(size: size), on: photo, seed: UInt64(seed)
                ).draw(on: photo).alpha
                return Double(alpha.data.reduce(0, +)) / Double(size * size)
            }
            #expect(abs(shares[0] - shares[1]) < 0.02 + 0.05 * shares[1], "seed \(seed): \(shares)")
        }
    }

    @Test func greyPicturesAndDistantFacesAreDrawnToo() {
        let grey = Self.photo(size: 48, channels: 1)
        let landmarks = Self.landmarks(size: 48)
        let (image, alpha) = FaceOccluder.random(for: landmarks, on: grey, seed: 3).draw(on: grey)
        #expect(image.channels == 1 && image != grey && alpha.data.contains { $0 > 0.9 })
        let away = landmarks.applying(.scale(1, translate: Point(5000, -4000)))
        let far = FaceOccluder.random(for: away, on: grey, seed: 3).draw(on: grey)
        #expect(far.image == grey && far.alpha.data.allSatisfy { $0 == 0 })
    }
}
