import Faces
import Foundation
import Imaging
import NN
import Testing
import Torch

/// Values come from OpenCV's FaceDetectorYN (Tools/reference/faces.py).
@Suite struct DetectionTests {
    private static func detector(_ change: (inout YuNetDetector.Settings) -> Void = { _ in }) throws
        -> YuNetDetector
    {
        var settings = YuNetDetector.Settings()
        change(&settings)
        return try YuNetDetector(weights: try #require(PublishedWeights.path("yunet")), settings: settings)
    }

    private static func numbers(_ face: DetectedFace) -> [Double] {
        [face.box.x, face.box.y, face.box.width, face.box.height]
            + face.landmarks.points.flatMap { [$0.x, $0.y] } + [face.score]
    }

    @Test(.enabled(if: PublishedWeights.has("yunet"), PublishedWeights.hint))
    func agreesWithOpenCV() throws {
        let expected = try FaceFixture.detections()
        let detector = try Self.detector { $0.scoreThreshold = 0.3 }
        let found = try detector.detectAtFullScale(FaceFixture.image())
        try #require(found.count == expected.count)
        for (face, row) in zip(found, expected) {
            for (value, reference) in zip(Self.numbers(face), row) {
                #expect(abs(value - reference) <= 1e-4 * max(1, abs(reference)), "\(value) \(reference)")
            }
        }
    }

    @Test(.enabled(if: PublishedWeights.has("yunet"), PublishedWeights.hint))
    func greyAndTransparentImagesAreSearchedToo() throws {
        let detector = try Self.detector()
        let image = try FaceFixture.image()
        var grey = Image(width: image.width, height: image.height, channels: 1)
        var alpha = Image(width: image.width, height: image.height, channels: 4, fill: 255)
        for index in 0..<image.width * image.height {
            grey.pixels[index] = image.pixels[3 * index + 1]
            for c in 0..<3 { alpha.pixels[4 * index + c] = image.pixels[3 * index + c] }
        }
        #expect(try detector.detect(grey).count == 2)
        #expect(try detector.detect(alpha) == detector.detect(image))
    }

    /// Both halves of the same double-sized photo are found at half scale, in the photo's own coordinates.
    @Test(.enabled(if: PublishedWeights.has("yunet"), PublishedWeights.hint))
    func largeImagesAreSearchedAtABoundedSize() throws {
        let image = try FaceFixture.image()
        let large = try image.resized(width: image.width * 3, height: image.height * 3, filter: .bicubic)
        let small = try Self.detector { $0.scoreThreshold = 0.6 }.detect(image)
        let found = try Self.detector {
            $0.maximumSide = image.width
            $0.scoreThreshold = 0.6
        }.detect(large)
        try #require(found.count == 2 && small.count == 2)
        for (a, b) in zip(found, small) {
            // Edges to edges: 3 (x + 1/2) - 1/2.
            let expected = b.applying(.scale(3, translate: Point(1, 1)))
            #expect(a.box.iou(expected.box) > 0.9)
            for (p, q) in zip(a.landmarks.points, expected.landmarks.points) {
                #expect((p - q).length < 0.05 * expected.box.width)
            }
        }
    }

    /// A face of 14 pixels in a photo that is shrunk four times is only found at full scale; the large face is not found twice.
    @Test(.enabled(if: PublishedWeights.has("yunet"), PublishedWeights.hint))
    func tilesFindFacesThatShrinkingLoses() throws {
        let image = try FaceFixture.image()
        var photo = Image(width: 1280, height: 960, channels: 3, fill: 100)
        func paste(_ part: Image, _ x: Int, _ y: Int) {
            for row in 0..<part.height {
                let at = ((y + row) * photo.width + x) * 3
                photo.pixels.replaceSubrange(
                    at..<at + part.width * 3,
                    with: part.pixels[row * part.width * 3..<(row + 1) * part.width * 3])
            }
        }
        paste(try image.resized(width: 990, height: 750), 60, 100)
        let tiny = try image.resized(width: 83, height: 63)
        paste(tiny, 1150, 880)
        paste(tiny, 1120, 30)
        let once = try Self.detector { $0.maximumSide = 320 }.detect(photo)
        let tiled = try Self.detector {
            $0.maximumSide = 320
            $0.searchesTiles = true
        }.detect(photo)
        #expect(once.count == 2)
        #expect(tiled.count >= 4 && tiled.count <= 6)
        #expect(tiled.contains { $0.box.x > 1150 && $0.box.y > 880 && $0.box.width < 40 })
        #expect(tiled.contains { $0.box.x > 1120 && $0.box.y < 93 && $0.box.width < 40 })
        for (index, face) in tiled.enumerated() {
            #expect(tiled[..<index].allSatisfy { $0.box.iou(face.box) <= 0.3 && $0.score >= face.score })
        }
    }

    /// Photos of one padded size share passes, others do not; nobody's faces get lost or into another's list.
    @Test(.enabled(if: PublishedWeights.has("yunet"), PublishedWeights.hint))
    func batchesFindWhatSinglePhotosFind() throws {
        let image = try FaceFixture.image()
        let detector = try Self.detector { $0.scoreThreshold = 0.5 }
        var mirrored = image
        for y in 0..<image.height {
            for x in 0..<image.width {
                for c in 0..<3 {
                    mirrored.pixels[3 * (y * image.width + x) + c] =
                        image.pixels[3 * (y * image.width + image.width - 1 - x) + c]
                }
            }
        }
        let photos = [
            image, try image.resized(width: 3 * image.width, height: 3 * image.height), mirrored,
            try image.resized(width: image.width - 1, height: image.height - 2),
            Image(width: image.width, height: image.height, channels: 1, fill: 90), image, mirrored, image,
            try image.resized(width: 100, height: 80),
        ]
        #expect(photos.count > 2 * YuNetDetector.largestBatch)
        let together = try detector.detect(photos.map { try DetectorInput($0, detector.settings) })
        try #require(together.count == photos.count)
        for (photo, found) in zip(photos, together) {
            let alone = try detector.detect(photo)
            try #require(found.count == alone.count)
            #expect(photo.channels == 1 ? found.isEmpty : found.count == 2)
            for (a, b) in zip(found, alone) {
                for (value, reference) in zip(Self.numbers(a), Self.numbers(b)) {
                    #expect(abs(value - reference) <= 1e-4 * max(1, abs(reference)))
                }
            }
        }
        #expect(try detector.detect([]).isEmpty)
    }

    @Test func emptyImagesHoldNoFace() throws {
        let detector = YuNetDetector(network: try YuNet(in: Context(seed: 1)))
        try detector.network.load(
            try detector.network.stateDictionary().mapValues { tensor throws(TorchError) in
                try tensor.zerosLike()
            })
        #expect(try detector.detect(Image(width: 1, height: 1, channels: 1)).isEmpty)
        #expect(try detector.detect(Image(width: 700, height: 3, channels: 3, fill: 255)).isEmpty)
    }

    /// Zero weights give every cell score 0.5, a box of one stride and five points at the cell's corner.
    @Test func cellsAreDecodedByTheirStride() throws {
        var settings = YuNetDetector.Settings()
        settings.scoreThreshold = 0.5
        settings.overlapThreshold = 1
        let detector = YuNetDetector(network: try YuNet(in: Context(seed: 1)), settings: settings)
        try detector.network.load(
            try detector.network.stateDictionary().mapValues { tensor throws(TorchError) in
                try tensor.zerosLike()
            })
        let faces = try detector.detectAtFullScale(Image(width: 40, height: 33, channels: 3))
        #expect(faces.count == 8 * 8 + 4 * 4 + 2 * 2)
        #expect(faces.allSatisfy { abs($0.score - 0.5) < 1e-6 && $0.box.centre == $0.landmarks.nose })
        let widest = faces.filter { $0.box.width == 32 }.map { $0.box.centre }
        #expect(widest == [Point(0, 0), Point(32, 0), Point(0, 32), Point(32, 32)])

        settings.candidates = 5
        let few = YuNetDetector(network: detector.network, settings: settings)
        #expect(try few.detectAtFullScale(Image(width: 40, height: 33, channels: 3)).count == 5)
    }

    @Test func wrongInputAndSettingsAreExplained() throws {
        let network = try YuNet(in: Context(seed: 1))
        let error = try #require(throws: TorchError.self) { _ = try network.levels(.zeros([1, 3, 40, 64])) }
        #expect(error.description.contains("[1, 3, 40, 64]"))
        var settings = YuNetDetector.Settings()
        settings.maximumSide = 0
        let detector = YuNetDetector(network: network, settings: settings)
        let problem = try #require(throws: FacesError.self) {
            _ = try detector.detect(Image(width: 8, height: 8, channels: 3))
        }
        #expect(problem.description.contains("maximumSide 0"))
        let missing = try #require(throws: TorchError.self) {
            _ = try YuNetDetector(weights: "/nowhere/yunet")
        }
        #expect(missing.description.contains("/nowhere/yunet"))
        #expect(throws: FacesError.invalidArgument("4 landmarks: expected five")) {
            try FiveLandmarks([Point](repeating: Point(0, 0), count: 4))
        }
    }
}
