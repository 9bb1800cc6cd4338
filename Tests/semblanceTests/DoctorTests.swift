import Foundation
import Testing

@Suite struct DoctorTests {
    private struct Report: Decodable {
        struct Section: Decodable {
            let title: String
            let findings: [Finding]
        }
        struct Finding: Decodable {
            let name: String
            let status: String
            let detail: String
            let remedy: String?
        }
        let ok: Bool
        let version: String
        let sections: [Section]

        func finding(_ name: String) -> Finding? { sections.flatMap(\.findings).first { $0.name == name } }
    }

    private let cache = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

    private func report(_ process: SemblanceProcess) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(process.output.utf8))
    }

    @Test func emptyCacheIsReportedWithWhatToDo() throws {
        let process = try SemblanceProcess(
            ["doctor", "--json"], environment: ["SEMBLANCE_CACHE": cache.path])
        #expect(process.status == 1)
        let report = try report(process)
        #expect(!report.ok)
        let photo = try #require(report.finding("astronaut"))
        #expect(photo.status == "missing")
        #expect(photo.remedy == "run Scripts/setup")
        #expect(report.finding("cache")?.status == "missing")
        #expect(report.finding("libtorch")?.status == "ok")
        #expect(report.finding("libtorch")?.detail.hasPrefix("2.13.") == true)
        #expect(report.finding("cpu")?.status == "ok")
        for library in ["libturbojpeg", "libpng", "libwebp", "libmatio"] {
            #expect(report.finding(library)?.status == "ok")
        }
    }

    @Test func damagedFileIsReported() throws {
        defer { try? FileManager.default.removeItem(at: cache) }
        let photos = cache.appendingPathComponent("photos")
        try FileManager.default.createDirectory(at: photos, withIntermediateDirectories: true)
        try Data("half a pho".utf8).write(to: photos.appendingPathComponent("astronaut.png"))
        let environment = ["SEMBLANCE_CACHE": cache.path]
        let photo = try #require(
            report(SemblanceProcess(["doctor", "--json"], environment: environment)).finding("astronaut"))
        #expect(photo.status == "damaged")
        #expect(photo.remedy == "run Scripts/setup --force")
        let text = try SemblanceProcess(["doctor"], environment: environment)
        #expect(text.status == 1)
        #expect(text.output.contains("✗ astronaut"))
        #expect(text.output.contains("-> run Scripts/setup --force"))
    }
}
