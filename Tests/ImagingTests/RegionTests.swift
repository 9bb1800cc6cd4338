import Imaging
import Testing

@Suite struct RegionTests {
    private func image(_ rows: [String]) throws -> FloatImage {
        try FloatImage(
            width: rows[0].count, height: rows.count, channels: 1,
            data: rows.joined().map { $0 == "#" ? 1 : 0 })
    }

    @Test func onlyRegionsWithASeedAreKept() throws {
        let found = try image([
            "##...#",
            ".#..#.",
            ".###.#",
            "......",
            "##..##",
        ])
        let seeds = try image([
            "#.....",
            "......",
            "......",
            "..#...",
            "....##",
        ])
        // Corners do not connect, and a seed outside all regions starts none.
        let expected = try image([
            "##....",
            ".#....",
            ".###..",
            "......",
            "....##",
        ])
        #expect(found.connected(to: seeds) == expected)
    }

    @Test func valuesSurviveAndWeakOnesSeparate() throws {
        let found = try FloatImage(width: 5, height: 1, channels: 1, data: [0.6, 0.5, 0.49, 0.9, 1])
        let seeds = try FloatImage(width: 5, height: 1, channels: 1, data: [0.5, 0, 0, 0.4, 0])
        #expect(found.connected(to: seeds).data == [0.6, 0.5, 0, 0, 0])
        #expect(found.thresholded(0.6).data == [1, 0, 0, 1, 1])
    }

    @Test func holesAreFilledAndBaysAreNot() throws {
        let found = try image([
            ".####..",
            ".#..#..",
            ".####..",
            "....#..",
            "###.#..",
            "#.###..",
        ])
        let expected = try image([
            ".####..",
            ".####..",
            ".####..",
            "....#..",
            "###.#..",
            "#.###..",
        ])
        #expect(found.filled() == expected)
    }
}
