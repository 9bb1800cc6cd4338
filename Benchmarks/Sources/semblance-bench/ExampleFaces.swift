import Faces
import Foundation
import Imaging
import Resources
import Training

/// Training faces for machines that have none: the set-up's example photo, its face cut out a little differently each time.
enum ExampleFaces {
    static func make(count: Int, size: Int) throws -> AlignedFaces {
        let locator = ResourceLocator.standard
        let photo = try Image.read(locator.photo("astronaut.png")).rgb()
        let detector = try YuNetDetector(weights: locator.weights("yunet"))
        guard let face = try detector.detect(photo).first else {
            throw FacesError.invalidArgument("no face found in the example photo")
        }
        let template = AlignmentTemplate.face128.scaled(to: size)
        let align = try template.transform(from: face.landmarks)
        var random = SampleRandom(seed: 1)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(count * 3 * size * size)
        var landmarks: [FiveLandmarks] = []
        for _ in 0..<count {
            let angle = random.uniform(-0.1, 0.1)
            let zoom = random.uniform(0.9, 1.1)
            let turn = AffineTransform2D(
                a: zoom * cos(angle), b: -zoom * sin(angle), c: random.uniform(-6, 6), d: zoom * sin(angle),
                e: zoom * cos(angle), f: random.uniform(-6, 6))
            let map = align.concatenating(turn)
            let crop = try photo.warped(by: map, width: size, height: size, border: .reflect)
            for channel in 0..<3 { pixels += (0..<(size * size)).lazy.map { crop.pixels[3 * $0 + channel] } }
            landmarks.append(face.landmarks.applying(map))
        }
        return try AlignedFaces(
            size: size, names: (0..<count).map { "example \($0)" }, pixels: pixels, landmarks: landmarks)
    }
}
