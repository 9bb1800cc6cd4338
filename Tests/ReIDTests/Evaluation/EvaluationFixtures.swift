import Foundation
import Imaging
import ReID
import Testing
import Torch

/// Files written by Tools/reference/reid_evaluation.py.
enum EvaluationFixtures {
    static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/evaluation/\(name)").path
    }

    static func evaluation(_ name: String) throws -> ReIDEvaluation {
        try ReIDEvaluation(
            query: FeatureFile.read(path("\(name)-query.safetensors")),
            gallery: FeatureFile.read(path("\(name)-gallery.safetensors")))
    }

    struct Figures: Decodable {
        struct Camera: Decodable {
            let mAP: Double
            let rank1: Double
            let queries: Int
        }
        let mAP: Double
        let trapezoidMAP: Double
        let mINP: Double
        let cmc: [String: Double]
        let queries: Int
        let gallery: Int
        let perCamera: [String: Camera]
    }

    struct List: Decodable {
        let images: [Int]
        let correct: [Bool]
    }

    struct Verification: Decodable {
        let genuine: Int
        let impostor: Int
        let auc: Double
        let eer: Double
        let tar: [String: Double]
    }

    struct Case: Decodable {
        let euclidean: Figures
        let euclideanLists: [List]
        let euclideanVerification: Verification
        let cosine: Figures?
        let cosineLists: [List]?
        let cosineVerification: Verification?
        let reRanked: Figures?
        let expanded: Figures?
    }

    struct Attributes: Decodable {
        struct One: Decodable {
            let images: Int
            let accuracy: Double
            let balancedAccuracy: Double
            let majority: Double
            let majorityBalanced: Double
        }
        let truth: [[Int]]
        let predicted: [[Int]]
        let people: [Int]
        let perAttribute: [One]
        let mA: Double
        let distinct: Int
    }

    struct Expected: Decodable {
        let random: Case
        let ties: Case
        let attributes: Attributes
    }

    static func expected() throws -> Expected {
        try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: URL(filePath: path("expected.json"))))
    }

    /// A new folder, removed after `body`.
    static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "semblance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url.path)
    }

    /// A figure in a coat of the person's colour before a ground of the camera's.
    static func photo(person: Int, camera: Int, width: Int = 32, height: Int = 64) -> Image {
        var image = Image(width: width, height: height, channels: 3, fill: UInt8(90 + 40 * (camera % 4)))
        let colours = Colour.series
        let (w, h) = (Double(width), Double(height))
        image.fillCircle(centre: Point(w / 2, h * 0.16), radius: h * 0.09, colour: Colour(220, 180, 150))
        image.fill(
            Rect(x: w * 0.25, y: h * 0.28, width: w * 0.5, height: h * 0.34),
            colour: colours[person % colours.count])
        image.fill(
            Rect(x: w * 0.3, y: h * 0.62, width: w * 0.4, height: h * 0.32),
            colour: colours[(person / 3 + 2) % colours.count])
        return image
    }
}

func expectClose(
    _ actual: Double?, _ expected: Double?, _ tolerance: Double = 1e-9, _ name: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard let actual, let expected else {
        #expect(actual == nil && expected == nil, "\(name)", sourceLocation: sourceLocation)
        return
    }
    #expect(
        abs(actual - expected) <= tolerance, "\(name): \(actual), expected \(expected)",
        sourceLocation: sourceLocation)
}
