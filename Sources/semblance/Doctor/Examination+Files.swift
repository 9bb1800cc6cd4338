import Foundation
import Resources

extension Examination {
    static func places(_ locator: ResourceLocator) -> Examination {
        let free =
            (try? FileManager.default.attributesOfFileSystem(forPath: existingParent(of: locator.cache)))
            .flatMap { ($0[.systemFreeSize] as? NSNumber)?.doubleValue }
        let space = free.map { ", \(gigabytes($0)) free" } ?? ""
        let hasCache = FileManager.default.fileExists(atPath: locator.cache)
        return Examination(
            title: "Places",
            findings: [
                locator.root.map { Finding("Semblance", $0) }
                    ?? Finding(
                        "Semblance", "this program lies outside a checkout", status: .absent,
                        remedy: "set SEMBLANCE_MODELS and SEMBLANCE_CACHE, or run it in its checkout"),
                Finding(
                    "cache", locator.cache + space, status: hasCache ? .ok : .missing,
                    remedy: hasCache
                        ? nil : "run Scripts/setup, or set SEMBLANCE_CACHE to a cache that is filled"),
            ])
    }

    /// The third-party files of the set-up, each compared with the checksum in the manifest.
    static func weights(_ locator: ResourceLocator) -> Examination {
        let title = "Third-party weights and photos"
        do {
            return Examination(
                title: title, findings: try locator.manifest().assets.map { finding($0, locator) })
        } catch {
            return Examination(
                title: title,
                findings: [
                    Finding(
                        "weights.json", error.message, status: .missing,
                        remedy: "get a complete copy of Semblance")
                ])
        }
    }

    private static func finding(_ asset: AssetManifest.Asset, _ locator: ResourceLocator) -> Finding {
        let path = "\(locator.cache)/\(asset.output)"
        let setup = "Scripts/setup" + (asset.required ? "" : " --all")
        guard FileManager.default.fileExists(atPath: path) else {
            let need = asset.required ? "needed" : "optional"
            return Finding(
                asset.name, "not installed (\(need)): \(asset.purpose); \(asset.licence)",
                status: asset.required ? .missing : .absent, remedy: "run \(setup)")
        }
        do {
            let found = try SHA256.ofFile(path)
            guard found == asset.outputSHA256 else {
                return Finding(
                    asset.name,
                    "\(path) has SHA-256 \(found.prefix(12))…, expected \(asset.outputSHA256.prefix(12))…",
                    status: .damaged, remedy: "run \(setup) --force")
            }
        } catch {
            return Finding(
                asset.name, error.message, status: .damaged,
                remedy: "check its permissions, or run \(setup) --force")
        }
        return Finding(asset.name, "\(megabytes(path)), checksum right: \(asset.purpose); \(asset.licence)")
    }

    /// Our own trained models.
    static func models(_ locator: ResourceLocator) -> Examination {
        let names = locator.modelNames()
        let findings = names.map {
            Finding($0, "\(megabytes("\(locator.models)/\($0).safetensors")), \(locator.models)")
        }
        let none = Finding(
            "models", "none in \(locator.models)", status: .absent,
            remedy: "set SEMBLANCE_MODELS to the folder that holds them, or train one")
        return Examination(title: "Models", findings: findings.isEmpty ? [none] : findings)
    }

    private static func existingParent(of path: String) -> String {
        var current = URL(fileURLWithPath: path)
        while current.path != "/", !FileManager.default.fileExists(atPath: current.path) {
            current.deleteLastPathComponent()
        }
        return current.path
    }
}
