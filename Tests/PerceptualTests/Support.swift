import Foundation
import Testing
import Torch

func fixture(_ name: String, file: StaticString = #filePath) -> String {
    URL(filePath: "\(file)").deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
}

/// Weights that the set-up script converts into its cache folder.
enum Cache {
    static let hint: Comment = "needs lpips_*.safetensors: run Scripts/setup, or set SEMBLANCE_CACHE"

    static func path(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let cache =
            environment["SEMBLANCE_CACHE"] ?? environment["XDG_CACHE_HOME"].map { $0 + "/semblance" }
            ?? NSHomeDirectory() + "/.cache/semblance"
        let path = "\(cache)/weights/\(name)"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
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
