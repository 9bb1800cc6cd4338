import ReID
import Testing

@Suite("Statistics of data sets") struct StatisticsTests {
    /// Market-1501 in numbers: the published ones, changed as asked.
    private func market(train: Int = 12_936, junk: Int?, galleryPeople: Int = 750) throws -> PersonDataset {
        func images(_ count: Int, people: Int) -> [PersonImage] {
            (0..<count).map { PersonImage(path: "\($0)", person: 1 + $0 % people, camera: $0 % 6) }
        }
        return PersonDataset(
            name: "Market-1501", layout: .market1501, root: "", train: images(train, people: 751),
            query: images(3368, people: 750),
            gallery: images(13_115, people: galleryPeople)
                + (0..<2798).map { PersonImage(path: "d\($0)", person: 0, camera: 2) },
            attributes: try AttributeTable(
                schema: AttributeSchema([.binary("hat")]), values: [1: [1], 2: [0], 751: [0], 900: [1]]),
            remarks: junk.map { [.junkDropped(.gallery, images: $0)] } ?? [])
    }

    @Test("the published numbers need no word") func published() throws {
        let statistics = PersonDatasetStatistics(try market(junk: 3819))
        #expect(statistics.mismatches.isEmpty)
        let gallery = statistics.parts[2]
        #expect(gallery.images == 15_913 && gallery.people == 750 && gallery.cameras == 6)
        #expect(gallery.distractors == 2798 && gallery.junk == 3819)
        #expect(
            [gallery.fewestImages, gallery.medianImages, gallery.mostImages] == [17, 17, 18])
        #expect(statistics.attributes.map(\.train) == [[2, 1]])
        #expect(statistics.attributes.map(\.test) == [[1, 1]])
        #expect(
            statistics.lines == [
                "part     images  people  cameras  images a person (fewest, median, most)",
                "train    12,936     751        6  17, 17, 18",
                "query     3,368     750        6  4, 4, 5",
                "gallery  15,913     750        6  17, 17, 18 + 2,798 distractor images",
                "",
                "attribute  train people  test people",
                "hat        no 2, yes 1   no 1, yes 1",
            ])
    }

    @Test("junk that is not there is told from images that are missing") func mismatches() throws {
        #expect(
            PersonDatasetStatistics(try market(junk: nil)).mismatches == [
                "gallery: 15,913 images, published 19,732: 3,819 junk images are absent, which the protocol drops anyway"
            ])
        #expect(
            PersonDatasetStatistics(try market(train: 1500, junk: 3818, galleryPeople: 700)).mismatches
                == [
                    "train: 1,500 images, published 12,936: 11,436 missing",
                    "gallery: 15,913 images, published 19,732 (and 3,818 junk images left out): 1 missing",
                    "gallery: 700 people, published 750",
                ])
        #expect(
            PersonDatasetStatistics(try market(train: 12_937, junk: 3819)).mismatches == [
                "train: 12,937 images, published 12,936: 1 too many"
            ])
    }

    @Test("folders of one's own are compared with nothing; parts without images are left out") func own()
        throws
    {
        let tree = try GeneratedTree()
        try tree.images("anna/1.jpg", "anna/2.jpg")
        let statistics = PersonDatasetStatistics(try PersonDataset.load(.folder, root: tree.root))
        #expect(statistics.mismatches.isEmpty)
        #expect(statistics.parts.map(\.split) == [.train])
        #expect(
            statistics.lines == [
                "part   images  people  cameras  images a person (fewest, median, most)",
                "train       2       1  unknown  2, 2, 2",
            ])
    }
}
