import Foundation
import Resources
import Testing

@Suite struct ResourceLocatorTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

    private func make(_ path: String) throws -> String {
        let url = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("x".utf8).write(to: url)
        return url.path
    }

    @Test func checkoutIsFoundFromTheProgram() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try make("clone/Package.swift")
        _ = try make("clone/Scripts/weights.json")
        let program = try make("clone/.build/x86_64/release/semblance")
        let locator = ResourceLocator(
            environment: ["HOME": "/home/a"], executable: program, workingDirectory: "/")
        #expect(locator.root == folder.path + "/clone")
        #expect(locator.models == folder.path + "/clone/Models")
        #expect(locator.cache == "/home/a/.cache/semblance")
        #expect(locator.weights == "/home/a/.cache/semblance/weights")
    }

    @Test func installedProgramUsesItsShare() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try make("usr/bin/semblance")
        _ = try make("usr/share/semblance/Models/m.safetensors")
        let locator = ResourceLocator(environment: ["HOME": "/h"], executable: program, workingDirectory: "/")
        #expect(locator.models == folder.path + "/usr/share/semblance/Models")
        #expect(locator.modelNames() == ["m"])
    }

    @Test func environmentOverrides() {
        let locator = ResourceLocator(
            environment: ["SEMBLANCE_MODELS": "/m", "SEMBLANCE_CACHE": "/c", "XDG_CACHE_HOME": "/x"],
            executable: "/bin/ls",
            workingDirectory: "/")
        #expect(locator.root == nil)
        #expect(locator.models == "/m")
        #expect(locator.cache == "/c")
        let other = ResourceLocator(
            environment: ["SEMBLANCE_CACHE": "", "XDG_CACHE_HOME": "/x"], executable: "/bin/ls",
            workingDirectory: "/")
        #expect(other.cache == "/x/semblance")
    }

    @Test func absentFilesSayWhatToDo() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = try make("models/one.safetensors")
        let weights = try make("cache/weights/yunet.safetensors")
        let locator = ResourceLocator(
            environment: [
                "SEMBLANCE_MODELS": folder.path + "/models", "SEMBLANCE_CACHE": folder.path + "/cache",
            ], executable: "/bin/ls", workingDirectory: "/")
        #expect(try locator.model("one") == model)
        #expect(try locator.weights("yunet") == weights)
        let modelError = #expect(throws: ResourceError.self) { try locator.model("two") }
        #expect(modelError?.message.contains("(there: one)") == true)
        let weightsError = #expect(throws: ResourceError.self) { try locator.weights("sface") }
        #expect(weightsError?.message.contains("run Scripts/setup --all") == true)
        #expect(throws: ResourceError.self) { try locator.photo("astronaut.png") }
        #expect(throws: ResourceError.self) { try locator.input("example:astronaut") }
        let photo = try make("cache/photos/astronaut.png")
        #expect(try locator.input("example:astronaut") == photo)
        #expect(try locator.input("a/b.jpg") == "a/b.jpg")
    }

    @Test func manifestOfThisCheckoutIsConsistent() throws {
        let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL.path
        let assets = try AssetManifest.read(root + "/Scripts/weights.json").assets
        #expect(Set(assets.map(\.name)).count == assets.count)
        #expect(Set(assets.map(\.output)).count == assets.count)
        for asset in assets {
            #expect(asset.outputSHA256.count == 64)
            #expect(asset.package.contains("=="), "\(asset.name) must pin its package")
            #expect(asset.output.hasPrefix("weights/") || asset.output.hasPrefix("photos/"))
        }
        #expect(assets.contains { $0.name == "astronaut" && $0.required })
    }

    @Test func damagedManifestIsNamed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try make("weights.json")
        let error = #expect(throws: ResourceError.self) { try AssetManifest.read(path) }
        #expect(error?.message.hasPrefix("\(path) is not a list of weights") == true)
    }
}
