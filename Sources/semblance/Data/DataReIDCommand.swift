import CommandLineKit
import Imaging
import ReID

/// `semblance data reid`: what a data set of people holds.
struct DataReIDCommand: Command {
    static let name = "reid"
    static let abstract = "Show what a data set for re-identification holds."
    static let discussion =
        "Counts images, people and cameras of each part and compares them with the published numbers; reports junk, distractors, names that do not fit, people with one image or without attributes. Own images: one folder per person, at the root or in train, query and gallery; a name that begins with c2_ is of camera 2, or a file cameras.csv (image,camera) says so. Attributes: market_attribute.mat or duke_attribute.mat, or a CSV file with the header person,NAME,…"
    static let examples = [
        CommandExample(
            "semblance data reid --data Market-1501-v15.09.15 --attributes market_attribute.mat",
            "Market-1501 with its attributes."),
        CommandExample(
            "semblance data reid --data people/ --check", "Images of one's own, each opened once."),
    ]

    @Option(help: "Root folder of the data set.", value: "DIR") var data: FilePath
    @Option(help: "How its files are laid out; found out when not given.") var layout: PersonDatasetLayout?
    @Option(help: "Attributes of the people (.mat or CSV).", value: "FILE") var attributes: FilePath?
    @Flag(help: "Open every image; damaged ones are listed and make the command fail.") var check: Bool
    let report = ReportOptions()

    private struct Report: Encodable {
        let statistics: PersonDatasetStatistics
        let remarks: [String]
        /// Nil when images were not opened.
        let unreadable: [String]?
    }

    func run(_ invocation: Invocation) throws {
        let layout = try layout ?? PersonDatasetLayout.guess(root: data.string)
        let dataset = try PersonDataset.load(layout, root: data.string, attributes: attributes?.string)
        let statistics = PersonDatasetStatistics(dataset)
        let unreadable = check ? try open(dataset, invocation) : nil
        let remarks = dataset.remarks.map(\.description)
        try invocation.reporter.result(
            Report(statistics: statistics, remarks: remarks, unreadable: unreadable))
        try invocation.reporter.line("\(dataset.name) (layout \(layout.name)), \(dataset.root)")
        for line in statistics.lines { try invocation.reporter.line(line) }
        let notes = statistics.mismatches + remarks
        if !notes.isEmpty { try invocation.reporter.line() }
        for note in notes { try invocation.reporter.line("- \(note)") }
        if let unreadable {
            try invocation.reporter.line("- \(unreadable.count) unreadable images")
            if !unreadable.isEmpty { throw Exit(ExitStatus.failure) }
        }
    }

    private func open(_ dataset: PersonDataset, _ invocation: Invocation) throws -> [String] {
        let images = dataset.train + dataset.query + dataset.gallery
        var unreadable: [String] = []
        for (index, image) in images.enumerated() {
            try invocation.cancellation.check()
            do throws(ImagingError) { _ = try Image.read(image.path) } catch {
                unreadable.append(image.path)
                invocation.reporter.warning("\(error)")
            }
            invocation.reporter.progress(
                "check \(index + 1)/\(images.count)", isFinal: index + 1 == images.count)
        }
        return unreadable
    }
}
