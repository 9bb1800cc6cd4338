import Faces
import Foundation
import Imaging
import NN
import Resources
import Testing
import Torch
import Training
import Unmasking

private let locator = ResourceLocator.standard
private let hasNetworks =
    (try? locator.weights("yunet")) != nil && (try? locator.photo("astronaut.png")) != nil
    && (try? locator.model("masked-landmarks")) != nil

@Suite struct LandmarkNetworkTests {
    private static func configuration() -> LandmarkConfiguration {
        var configuration = LandmarkConfiguration()
        (configuration.inputSize, configuration.stageChannels) = (48, [6, 8, 12, 16])
        configuration.pyramidChannels = 10
        return configuration
    }

    private static func parameter(_ key: String, _ shape: [Int]) throws -> Tensor {
        let x = try Reference.hashed(key, shape)
        if key.hasSuffix("running_var") { return try x * 0.1 + 1 }
        if key.hasSuffix("running_mean") { return try x * 0.1 }
        if key.hasSuffix("bias") { return try x * 0.125 }
        if shape.count == 1 { return try x * 0.1 + 1 }
        return try x * (2 / Double(shape.dropFirst().reduce(1, *))).squareRoot()
    }

    @Test func pointsAgreeWithPyTorch() throws {
        let network = try LandmarkNetwork(Self.configuration(), in: Context(seed: 1))
        try withoutGradients {
            for (key, tensor) in network.stateDict() where tensor.dtype == .float32 {
                try tensor.copy_(Self.parameter(key, tensor.shape))
            }
        }
        network.evaluate()
        let window = try Reference.hashed("window", [2, 3, 48, 48]) * 0.5
        try expectParity(
            network(window), Reference.read("landmarks.safetensors")["points"], "points", tolerance: 1e-4)
        #expect(throws: TorchError.self) { try network(window.narrow(2, 0, 32)) }
    }

    @Test func filesKeepTheNetworkAndOthersAreRefused() throws {
        let path = NSTemporaryDirectory() + "/\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let network = try LandmarkNetwork(Self.configuration(), in: Context(seed: 1))
        network.evaluate()
        try network.write(to: path)
        let copy = try LandmarkNetwork.read(path)
        #expect(copy.configuration == network.configuration)
        let window = try Reference.hashed("window", [1, 3, 48, 48]) * 0.5
        // Weights are stored in half precision.
        #expect(try (copy(window) - network(window)).abs().amax().item() < 0.05)
        try TinyUnmasker.model().write(to: path)
        let error = #expect(throws: UnmaskingError.self) { try LandmarkNetwork.read(path) }
        #expect("\(try #require(error))".contains("not a landmark network"))
        var wrong = Self.configuration()
        wrong.inputSize = 50
        #expect(throws: UnmaskingError.self) { try LandmarkNetwork(wrong, in: Context(seed: 1)) }
    }
}

@Suite struct LandmarkWindowTests {
    private let truth = AlignmentTemplate.face128.landmarks.applying(
        AffineTransform2D(a: 1.1, b: -0.3, c: 60, d: 0.3, e: 1.1, f: 40))

    /// A photo whose brightness tells the place: red grows with x, green with y.
    private let photo: Image = {
        var photo = Image(width: 256, height: 256, channels: 3)
        for y in 0..<256 {
            for x in 0..<256 {
                (photo.pixels[3 * (y * 256 + x)], photo.pixels[3 * (y * 256 + x) + 1]) = (UInt8(x), UInt8(y))
            }
        }
        return photo
    }()

    /// Whoever knows where the points are in the photo, and reads off the window what part of it that shows, finds them there; the
    /// refined landmarks are then the true ones, wherever the detector had seen them.
    @Test func pointsOfTheWindowComeBackToThePhoto() throws {
        var window = LandmarkWindow(size: 96)
        window.rounds = 1
        let guess = FiveLandmarks(
            leftEye: truth.leftEye + Point(6, -3), rightEye: truth.rightEye + Point(4, 5),
            nose: truth.nose + Point(-5, 3), leftMouth: truth.leftMouth + Point(3, 8),
            rightMouth: truth.rightMouth + Point(-2, 7))
        let face = DetectedFace(
            box: Rect(x: 60, y: 60, width: 90, height: 110), score: 0.8, landmarks: guess)
        let refined = try window.refine([face], in: photo) { windows in
            try windows.map { image in
                #expect(image.width == 96 && image.height == 96)
                func place(_ x: Int, _ y: Int) -> Point {
                    Point(
                        Double(image.data[y * 96 + x]) * 255,
                        Double(image.data[96 * 96 + y * 96 + x]) * 255)
                }
                // Photo positions of three pixels give the map from window to photo.
                let corners = [(16, 16), (80, 16), (48, 80)]
                let map = try AffineTransform2D.similarity(
                    from: corners.map { place($0.0, $0.1) },
                    to: corners.map { Point(Double($0.0), Double($0.1)) })
                return truth.applying(map)
            }
        }
        #expect(refined.count == 1 && refined[0].box == face.box && refined[0].score == face.score)
        for (found, true_) in zip(refined[0].landmarks.points, truth.points) {
            #expect((found - true_).length < 1)
        }
    }

    @Test func facesWithoutPlaceStayAsTheyAre() throws {
        let point = Point(50, 50)
        let face = DetectedFace(
            box: Rect(x: 40, y: 40, width: 20, height: 20), score: 1,
            landmarks: try FiveLandmarks(Array(repeating: point, count: 5)))
        let refined = try LandmarkWindow(size: 96).refine([face], in: photo) { _ in
            Issue.record("nothing can be cut out")
            return []
        }
        #expect(refined == [face])
    }

    @Test func mirroredLandmarksChangeSides() {
        let mirrored = truth.flippedHorizontally(width: 256)
        #expect(mirrored.leftEye == Point(255 - truth.rightEye.x, truth.rightEye.y))
        #expect(mirrored.leftMouth == Point(255 - truth.rightMouth.x, truth.rightMouth.y))
        #expect(mirrored.flippedHorizontally(width: 256).nose.x - truth.nose.x < 1e-9)
    }
}

@Suite struct LandmarkTrainingTests {
    /// Faces whose points are bright dots on grounds of all shades, each of its own colour.
    private static func faces(_ count: Int) throws -> AlignedFaces {
        var random = SampleRandom(seed: 4)
        var pixels: [UInt8] = []
        var landmarks: [FiveLandmarks] = []
        let colours: [[Double]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1]]
        for _ in 0..<count {
            let points = AlignmentTemplate.face128.landmarks.points.map {
                $0 + Point(random.uniform(-2, 2), random.uniform(-2, 2))
            }
            landmarks.append(try FiveLandmarks(points))
            let ground = random.uniform(20, 120)
            for channel in 0..<3 {
                for y in 0..<128 {
                    for x in 0..<128 {
                        var value = ground
                        for (point, colour) in zip(points, colours) {
                            let d = Point(Double(x), Double(y)) - point
                            value += (255 * colour[channel] - ground) * exp(-(d.x * d.x + d.y * d.y) / 32)
                        }
                        pixels.append(UInt8(min(255, max(0, value))))
                    }
                }
            }
        }
        return try AlignedFaces(
            size: 128, names: (0..<count).map { "\($0).png" }, pixels: pixels, landmarks: landmarks)
    }

    private static func training() -> LandmarkTraining {
        var training = LandmarkTraining()
        training.network.stageChannels = [8, 12, 16, 24]
        (training.network.stageBlocks, training.network.pyramidChannels) = (1, 12)
        (training.batch, training.heldBack, training.averageDecay) = (8, 8, 0.8)
        training.stages[0].maskShare = 0
        (training.stages[0].steps, training.stages[0].rate) = (60, 5e-3)
        return training
    }

    /// After the same changes as the picture's, the landmarks still lie on the dots.
    @Test func landmarksMoveWithTheFace() throws {
        let faces = try Self.faces(4)
        for index in 0..<4 {
            let example = try FaceAugmentation.misaligned.example(
                faces.image(index), landmarks: faces.landmarks[index], maskShare: 0, seed: UInt64(index))
            // Left is the image's: mirroring changes the colours of the sides.
            let isRed = example.clean.data[
                Int(example.landmarks.leftEye.y.rounded()) * 128 + Int(example.landmarks.leftEye.x.rounded())]
            let isMirrored = isRed < 0.5
            for (point, channel) in [
                (example.landmarks.leftEye, isMirrored ? 1 : 0),
                (example.landmarks.rightEye, isMirrored ? 0 : 1),
                (example.landmarks.nose, 2),
            ] {
                var best = (value: -Float.infinity, place: Point(0, 0))
                for y in 0..<128 {
                    for x in 0..<128 {
                        let i = y * 128 + x
                        let others = (0..<3).filter { $0 != channel }.reduce(Float(0)) {
                            $0 + example.clean.data[$1 * 128 * 128 + i]
                        }
                        let value = example.clean.data[channel * 128 * 128 + i] - others
                        if value > best.value { best = (value, Point(Double(x), Double(y))) }
                    }
                }
                #expect((best.place - point).length < 2.5, "face \(index), channel \(channel)")
            }
        }
    }

    @Test func trainingBringsThePointsNearer() throws {
        let folder = NSTemporaryDirectory() + "/landmarks-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let training = Self.training()
        let data = try LandmarkData(Self.faces(40), training)
        let task = try LandmarkTask(data)
        let before = try task.validate()
        let loop = try TrainingLoop(
            task, loader: data.batches(), folder: folder, options: training.loopOptions(),
            configuration: training.json())
        _ = try loop.run()
        let after = try task.validate()
        for key in ["eyes", "nose and mouth"] {
            let (old, new) = (try #require(before[key]), try #require(after[key]))
            #expect(new < 0.5 * old, "\(key): \(old) -> \(new)")
        }
        let network = try LandmarkNetwork.read("\(folder)/landmarks.safetensors")
        #expect(network.configuration == training.network)
    }

    @Test func settingsThatCannotWorkAreNamed() {
        func refusal(_ change: (inout LandmarkTraining) -> Void) -> String {
            var training = LandmarkTraining()
            change(&training)
            do { try training.validate() } catch { return "\(error)" }
            return ""
        }
        #expect(refusal { _ in } == "")
        #expect(refusal { $0.network.inputSize = 40 }.contains("40"))
        #expect(refusal { $0.stages[0].maskShare = 2 }.contains("maskShare"))
        #expect(refusal { $0.averageDecay = 1 }.contains("averageDecay"))
    }
}

@Suite(.enabled(if: hasNetworks, "needs YuNet, the example photo and Models/masked-landmarks"))
struct LandmarkRefinerTests {
    /// Masks of several kinds move the detector's points; the network brings them back to where they were found without a mask.
    @Test func maskedFacesAreFoundWhereTheyWereWithoutMasks() throws {
        let photo = try Image.read(locator.photo("astronaut.png")).rgb()
        let detector = try YuNetDetector(weights: locator.weights("yunet"))
        let refiner = LandmarkRefiner(try LandmarkNetwork.read(locator.model("masked-landmarks")))
        let face = try #require(try detector.detect(photo).first)
        func error(_ found: FiveLandmarks) -> Double {
            let unit = (face.landmarks.rightEye - face.landmarks.leftEye).length
            let points = zip(found.points, face.landmarks.points)
            return points.reduce(0) { $0 + ($1.0 - $1.1).length / unit } / 5
        }
        var (seen, refined) = (0.0, 0.0)
        let kinds: [MaskKind] = [.surgical, .cloth, .kn95, .stretch]
        for kind in kinds {
            let masked = try MaskSynthesizer().wear(
                MaskStyle(kind), on: FloatImage(photo),
                landmarks: FaceLandmarks468(fivePoints: face.landmarks.points), seed: 1
            ).image.image()
            let found = try #require(try detector.detect(masked).first)
            let better = try refiner([found], in: masked)[0]
            #expect(better.box == found.box)
            seen += error(found.landmarks) / Double(kinds.count)
            refined += error(better.landmarks) / Double(kinds.count)
        }
        #expect(refined < 0.75 * seen && refined < 0.08, "off by \(seen), refined \(refined)")
    }
}
