import Foundation
import Gallery
import Resources
import Torch

extension Examination {
    static func system(_ locator: ResourceLocator) -> Examination {
        let process = ProcessInfo.processInfo
        let release = lines(of: "/etc/os-release").first { $0.hasPrefix("PRETTY_NAME=") }
        let name = release.map { $0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } }
        let processor = lines(of: "/proc/cpuinfo").first { $0.hasPrefix("model name") }?
            .split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
        let available = lines(of: "/proc/meminfo").first { $0.hasPrefix("MemAvailable:") }?
            .split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 }
        return Examination(
            title: "System",
            findings: [
                Finding("operating system", name ?? process.operatingSystemVersionString),
                Finding(
                    "processor", "\(processor ?? "unknown"), \(process.activeProcessorCount) cores in use"),
                Finding(
                    "memory",
                    gigabytes(Double(process.physicalMemory))
                        + (available.map { ", \(gigabytes($0)) available" } ?? "")),
            ])
    }

    static func tools() -> Examination {
        let swift = firstLine(of: ["swift", "--version"])
        let python = firstLine(of: ["python3", "--version"])
        return Examination(
            title: "Tools (for set-up and building)",
            findings: [
                swift.map { Finding("swift", $0) }
                    ?? Finding(
                        "swift", "not in PATH", status: .absent,
                        remedy: "install Swift 6.3 or newer: swift.org/install"),
                python.map { Finding("python", $0) }
                    ?? Finding(
                        "python", "not in PATH", status: .absent, remedy: "install Python 3.10 or newer"),
            ])
    }

    static func libraries() -> Examination {
        let version = Runtime.version
        let isSupported = version.hasPrefix("2.13.")
        let torch = Finding(
            "libtorch",
            "\(version), \(Runtime.cpuCapability) kernels, oneDNN \(Runtime.hasOneDNN ? "yes" : "no"), \(Runtime.threads) threads",
            status: isSupported ? .ok : .missing,
            remedy: isSupported ? nil : "libtorch 2.13 is needed: unset LIBTORCH and run Scripts/setup")
        let isFast = Faiss.compileOptions.contains("AVX")
        let faiss = Finding(
            "FAISS", "\(Faiss.version), compiled with \(Faiss.compileOptions)",
            remedy: isFast ? nil : "galleries are indexed slower than need be: run Scripts/setup --force")
        return Examination(
            title: "Libraries", findings: [torch, faiss] + SharedLibrary.all.map(\.finding))
    }

    static func devices() -> Examination {
        let findings = Runtime.devices.map { device in
            device.kind == .cpu ? Finding("cpu", "the default") : Finding("\(device)", "NVIDIA GPU")
        }
        return Examination(title: "Devices", findings: findings)
    }

    static func gigabytes(_ bytes: Double) -> String { String(format: "%.1f GB", bytes / 1e9) }

    static func megabytes(_ path: String) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let size = (attributes?[.size] as? NSNumber)?.doubleValue ?? 0
        return size < 1e6 ? String(format: "%.0f kB", size / 1e3) : String(format: "%.1f MB", size / 1e6)
    }

    /// The lines of a file; none when it cannot be read.
    static func lines(of path: String) -> [String] {
        // Files of /proc have no size, and come in several pieces: read until the end.
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else {
            return []
        }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The first line a tool prints, nil when it is not in PATH or fails.
    private static func firstLine(of command: [String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }
}
