import Foundation

/// The command line of the example.
@main struct SemblanceClient {
    static let usage = """
        USAGE
          semblance-client unmask PHOTO OUTPUT.png
          semblance-client verify PHOTO PHOTO
          semblance-client add face|person PHOTO [--identity NAME]
          semblance-client search face|person PHOTO

        SEMBLANCE_URL says where the server is, SEMBLANCE_TOKEN which token to send.
        """

    static func main() async {
        do { try await run(Array(CommandLine.arguments.dropFirst())) } catch {
            FileHandle.standardError.write(Data("semblance-client: error: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ words: [String]) async throws {
        let client = try Client()
        func photo(_ index: Int) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: words[index])) }
        switch (words.first, words.count) {
        case ("unmask", 3):
            let report = try await client.unmask(photo(1))
            try report.image.data.write(to: URL(fileURLWithPath: words[2]))
            let count = report.faces.count
            print("\(count) face\(count == 1 ? "" : "s"), \(report.faces.filter(\.masked).count) masked")
        case ("verify", 3):
            let report = try await client.verify(photo(1), photo(2))
            print(
                "\(report.same ? "probably the same person" : "probably different people"): similarity \(report.similarity), threshold \(report.threshold)"
            )
        case ("add", 3),
            ("add", 5) where words.count == 3 || words[3] == "--identity":
            let report = try await client.add(
                photo(2), to: words[1], identity: words.count == 5 ? words[4] : nil)
            for entry in report.entries {
                print("entry \(entry.id), \(report.added > 0 ? "new" : "there already")")
            }
        case ("search", 3):
            for hit in try await client.search(words[1], for: photo(2)).hits {
                let similarity = hit.similarity.map { "\($0)" } ?? "-"
                print("\(hit.rank)\t\(similarity)\t\(hit.entry.identity ?? "unknown")\tentry \(hit.entry.id)")
            }
        default:
            FileHandle.standardError.write(Data((usage + "\n").utf8))
            exit(64)
        }
    }
}
