import Foundation
import Gallery
import Imaging
import NN
import ReID
import Testing

/// A folder with drawn people in Market-1501's layout, untrained models, and a way to run the commands of their gallery.
final class GalleryWorld {
    let folder: String
    var market: String { folder + "/market" }
    var images: String { market + "/bounding_box_test" }
    var gallery: String { folder + "/people.gallery" }
    var model: String { folder + "/model.safetensors" }
    var otherModel: String { folder + "/other.safetensors" }
    var attributes: String { folder + "/attributes.csv" }

    /// 4 people by 3 cameras, a distractor and junk in the gallery; a query for each person.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "gallery-\(UUID().uuidString)").path
        for part in ["bounding_box_train", "query", "bounding_box_test"] {
            try FileManager.default.createDirectory(
                atPath: "\(market)/\(part)", withIntermediateDirectories: true)
        }
        for person in 1...4 {
            try draw("query", person, 1, shift: 2)
            for camera in 1...3 { try draw("bounding_box_test", person, camera) }
        }
        try draw("bounding_box_train", 5, 1)
        try draw("bounding_box_test", 0, 2)
        try draw("bounding_box_test", -1, 2)
        let schema = AttributeSchema([
            .binary("hat"), .init(name: "age", classes: ["young", "adult", "old"]),
        ])
        var network = EmbeddingNetworkConfiguration()
        network.embedding = 16
        let configuration = ReIDModelConfiguration(
            network: network, height: 64, width: 32, attributes: schema)
        try ReIDModel(configuration, in: Context(seed: 4)).write(to: model)
        try ReIDModel(configuration, in: Context(seed: 5)).write(to: otherModel)
        try write("person,hat,age\n1,no,young\n2,yes,adult\n3,no,old\n4,no,adult\n", to: attributes)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func name(_ person: Int, _ camera: Int) -> String {
        let who = person < 0 ? "-1" : String(format: "%04d", person)
        return "\(who)_c\(camera)s1_\(String(format: "%06d", 100 * abs(person) + camera))_00.jpg"
    }

    private func draw(_ part: String, _ person: Int, _ camera: Int, shift: Double = 0) throws {
        var photo = Image(width: 32, height: 64, channels: 3, fill: UInt8(100 + 30 * camera))
        let index = abs(person)
        photo.fill(Rect(x: 6 + shift, y: 16, width: 20, height: 22), colour: Colour.series[index % 7])
        photo.fill(Rect(x: 8, y: 38, width: 16, height: 22), colour: Colour.series[(index * 3 + 1) % 7])
        try photo.writeJPEG("\(market)/\(part)/\(Self.name(person, camera))", quality: 95)
    }

    func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    /// Runs `semblance reid COMMAND … --gallery FILE`.
    func reid(_ arguments: [String], gallery: String? = nil) throws -> SemblanceProcess {
        try SemblanceProcess(["reid"] + arguments + ["--gallery", gallery ?? self.gallery])
    }

    /// The same with `--json`; fails the test unless it succeeds.
    func report(_ arguments: [String], gallery: String? = nil) throws -> JSON {
        let process = try reid(arguments + ["--json"], gallery: gallery)
        #expect(process.status == 0, "\(process.errors)")
        return JSON(Data(process.output.utf8))
    }

    /// Indexes with the small model.
    @discardableResult
    func index(_ input: String? = nil, _ more: [String] = [], gallery: String? = nil) throws -> JSON {
        try report(["index", input ?? images, "--model", model] + more, gallery: gallery)
    }

    /// Everything that is kept.
    func records(_ path: String? = nil) throws -> [GalleryRecord] {
        try GalleryLocation.open(path ?? gallery).records(after: 0, limit: 10_000)
    }

    /// What the gallery's files hold, however many they are.
    func bytes() throws -> [UInt8] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("people.gallery") }
            .flatMap { Array(FileManager.default.contents(atPath: "\(folder)/\($0)") ?? Data()) }
    }
}
