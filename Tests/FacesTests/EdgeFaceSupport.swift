import Foundation
import Testing
import Torch

func fixture(_ name: String, file: StaticString = #filePath) -> String {
    URL(filePath: "\(file)").deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
}

/// Files that are not part of the repository: EdgeFace's weights may be used for research, not passed on.
enum Shared {
    static let hint: Comment = "needs weights/edgeface_xxs*.safetensors in SEMBLANCE_SHARED or ../shared"

    static let edgeFace: URL? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let candidates =
            [ProcessInfo.processInfo.environment["SEMBLANCE_SHARED"].map { URL(filePath: $0) }].compactMap {
                $0
            } + [
                root.appending(path: "../shared")
            ]
        return candidates.map { $0.appending(path: "weights").standardized }.first {
            FileManager.default.fileExists(atPath: $0.appending(path: "edgeface_xxs.safetensors").path)
                && FileManager.default.fileExists(
                    atPath: $0.appending(path: "edgeface_xxs_reference.safetensors").path)
        }
    }()
}

/// Largest difference at most `tolerance` times the larger of 1 and the expected values' size.
func expectClose(
    _ actual: Tensor?, _ expected: Tensor?, _ tolerance: Float, _ name: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let actual = try #require(actual, "\(name): no value", sourceLocation: sourceLocation)
    let expected = try #require(expected, "\(name): no reference", sourceLocation: sourceLocation)
    try #require(actual.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
    let (a, b) = (try actual.detach().floats(), try expected.detach().floats())
    let size = b.reduce(Float(0)) { max($0, abs($1)) }
    let worst = zip(a, b).reduce(Float(0)) { $1.0.isNaN ? .infinity : max($0, abs($1.0 - $1.1)) }
    #expect(
        worst <= tolerance * size, "\(name): off by \(worst) at size \(size)", sourceLocation: sourceLocation)
}
