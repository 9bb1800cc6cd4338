import Foundation
import Imaging
import Testing

@Suite struct DataCommandTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

    private func write(_ names: String...) throws {
        let bytes = try Image(width: 4, height: 8, channels: 3, fill: 9).encodeJPEG()
        for name in names {
            let url = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }
    }

    private struct Report: Decodable {
        struct Statistics: Decodable {
            struct Part: Decodable {
                let split: String
                let images, people, cameras: Int
            }
            let layout: String
            let parts: [Part]
            let mismatches: [String]
        }
        let statistics: Statistics
        let remarks: [String]
        let unreadable: [String]?
    }

    @Test func countsWhatIsThere() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(
            "bounding_box_train/0002_c1s1_1.jpg", "bounding_box_train/0002_c2s1_1.jpg",
            "query/0001_c1s1_1.jpg", "bounding_box_test/0001_c2s1_1.jpg", "bounding_box_test/-1_c2s1_1.jpg")
        let process = try SemblanceProcess(["data", "reid", "--data", folder.path, "--json"])
        #expect(process.status == 0)
        let report = try JSONDecoder().decode(Report.self, from: Data(process.output.utf8))
        #expect(report.statistics.layout == "market1501")
        #expect(report.statistics.parts.map(\.images) == [2, 1, 1])
        #expect(report.statistics.parts.map(\.cameras) == [2, 1, 1])
        #expect(
            report.statistics.mismatches.first == "train: 2 images, published 12,936: 12,934 missing")
        #expect(
            report.remarks == ["gallery: 1 junk image (person -1) left out, as the protocol does"])
        #expect(report.unreadable == nil)
        let text = try SemblanceProcess(["data", "reid", "--data", folder.path])
        #expect(text.output.contains("gallery       1       1        1"))
        #expect(text.output.contains("- gallery: 1 junk image"))
    }

    @Test func opensEveryImageWhenAsked() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("anna/1.jpg", "anna/2.jpg")
        let whole = try SemblanceProcess(["data", "reid", "--data", folder.path, "--check", "--json"])
        #expect(whole.status == 0)
        let damaged = folder.appendingPathComponent("anna/2.jpg")
        try Data(contentsOf: damaged).prefix(100).write(to: damaged)
        let process = try SemblanceProcess(["data", "reid", "--data", folder.path, "--check", "--json"])
        #expect(process.status == 1)
        let report = try JSONDecoder().decode(Report.self, from: Data(process.output.utf8))
        #expect(report.unreadable == [damaged.path])
        #expect(process.errors.contains("semblance: warning: \(damaged.path)"))
    }

    @Test func namesWhatIsWrong() throws {
        let missing = try SemblanceProcess(["data", "reid", "--data", folder.path])
        #expect(missing.status == 1)
        #expect(missing.errors.contains("\(folder.path): no such folder"))
        let layout = try SemblanceProcess(["data", "reid", "--data", "/", "--layout", "market"])
        #expect(layout.status == 64)
        #expect(layout.errors.contains("did you mean 'market1501'"))
    }
}
