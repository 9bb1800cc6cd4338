import Configuration
import Foundation
import Imaging
import ReID
import Testing
import Training

@Suite("Person augmentation") struct PersonAugmentationTests {
    /// Every pixel is another colour: red is the column, green the row.
    private let picture: Image = {
        var image = Image(width: 32, height: 64, channels: 3)
        for row in 0..<64 {
            for column in 0..<32 {
                let at = 3 * (row * 32 + column)
                image.pixels[at] = UInt8(10 + column)
                image.pixels[at + 1] = UInt8(10 + row)
                image.pixels[at + 2] = 200
            }
        }
        return image
    }()

    private func columns(_ image: Image, row: Int) -> [Int] {
        (0..<image.width).map { Int(image.pixels[3 * (row * image.width + $0)]) - 10 }
    }
    private func rows(_ image: Image, column: Int) -> [Int] {
        (0..<image.height).map { Int(image.pixels[3 * ($0 * image.width + column) + 1]) - 10 }
    }

    @Test("nothing is a plain resize") func none() throws {
        #expect(try PersonAugmentation.none(picture, height: 64, width: 32, seed: 1) == picture)
        let larger = try PersonAugmentation.none(picture, height: 128, width: 64, seed: 1)
        #expect(try larger == picture.resized(width: 64, height: 128))
    }

    @Test("the same seed gives the same image, another one another") func deterministic() throws {
        var augmentation = PersonAugmentation()
        augmentation.jitter.probability = 1
        augmentation.policy.probability = 1
        let images = try (UInt64(0)..<20).map { try augmentation(picture, height: 64, width: 32, seed: $0) }
        #expect(
            try images == (UInt64(0)..<20).map { try augmentation(picture, height: 64, width: 32, seed: $0) })
        #expect(Set(images.map(\.pixels)).count == 20)
    }

    @Test("mirrors half of the images") func flip() throws {
        var augmentation = PersonAugmentation.none
        augmentation.flip = 0.5
        let mirrored = try (UInt64(0)..<400).count {
            let columns = columns(try augmentation(picture, height: 64, width: 32, seed: $0), row: 5)
            #expect(columns == Array(0..<32) || columns == Array((0..<32).reversed()))
            return columns[0] == 31
        }
        #expect((160...240).contains(mirrored))
    }

    @Test(
        "pad and crop moves by up to the padding, evenly", arguments: PersonAugmentation.PaddingFill.allCases)
    func padding(fill: PersonAugmentation.PaddingFill) throws {
        var augmentation = PersonAugmentation.none
        augmentation.padding = 4
        augmentation.paddingFill = fill
        var shifts: [[Int]: Int] = [:]
        for seed in 0..<1000 {
            let image = try augmentation(picture, height: 64, width: 32, seed: UInt64(seed))
            let (x, y) = (columns(image, row: 30)[16] - 16, rows(image, column: 16)[30] - 30)
            shifts[[x, y], default: 0] += 1
            for (column, value) in columns(image, row: 30).enumerated() {
                let from = column + x
                let added: Int =
                    switch fill {
                    case .black: -10
                    case .mean: 124 - 10
                    case .edge: min(31, max(0, from))
                    }
                #expect(value == ((0..<32).contains(from) ? from : added))
            }
            let first = rows(image, column: 16)[0] + 10
            if y < 0 { #expect(first == (fill == .black ? 0 : fill == .mean ? 116 : 10)) }
        }
        #expect(shifts.count == 81)
        #expect(shifts.keys.allSatisfy { abs($0[0]) <= 4 && abs($0[1]) <= 4 })
    }

    @Test("erases one rectangle of the stated area and shape, filled with the mean colour") func erasing()
        throws
    {
        var augmentation = PersonAugmentation.none
        augmentation.erasing.probability = 0.5
        var (erased, areas): (Int, [Double]) = (0, [])
        for seed in 0..<400 {
            let image = try augmentation(picture, height: 64, width: 32, seed: UInt64(seed))
            var box = (top: 64, left: 32, bottom: -1, right: -1)
            var count = 0
            for row in 0..<64 {
                for column in 0..<32 {
                    let at = 3 * (row * 32 + column)
                    guard image.pixels[at..<(at + 3)] != picture.pixels[at..<(at + 3)] else { continue }
                    #expect(Array(image.pixels[at..<(at + 3)]) == [124, 116, 104])
                    count += 1
                    box = (
                        min(box.top, row), min(box.left, column), max(box.bottom, row), max(box.right, column)
                    )
                }
            }
            guard count > 0 else { continue }
            erased += 1
            let (h, w) = (box.bottom - box.top + 1, box.right - box.left + 1)
            #expect(count == h * w)
            let share = Double(count) / 2048
            // Sides are whole pixels.
            #expect(share > 0.012 && share < 0.44)
            #expect(Double(h + 1) / Double(w) > 0.3 && Double(h - 1) / Double(w) < 1 / 0.3)
            areas.append(share)
        }
        #expect((160...240).contains(erased))
        #expect((areas.max() ?? 0) > 0.3 && (areas.min() ?? 1) < 0.06)
    }

    @Test("random colours are an option") func erasingWithNoise() throws {
        var augmentation = PersonAugmentation.none
        augmentation.erasing.probability = 1
        augmentation.erasing.fillsWithMean = false
        let image = try augmentation(picture, height: 64, width: 32, seed: 4)
        let changed = Set(zip(image.pixels, picture.pixels).filter { $0 != $1 }.map(\.0))
        #expect(changed.count > 30)
    }

    @Test("jitter stays within its strength") func jitter() throws {
        var augmentation = PersonAugmentation.none
        augmentation.jitter.probability = 1
        augmentation.jitter.contrast = 0
        augmentation.jitter.saturation = 0
        augmentation.jitter.brightness = 0.2
        let grey = Image(width: 4, height: 4, channels: 3, fill: 100)
        let values = try (0..<300).map {
            Int(try augmentation(grey, height: 4, width: 4, seed: UInt64($0)).pixels[0])
        }
        #expect(values.allSatisfy { (79...120).contains($0) })
        #expect(values.min() ?? 100 < 84 && values.max() ?? 0 > 116)
    }

    @Test("grey and transparent images become RGB") func channels() throws {
        for channels in [1, 4] {
            let image = Image(width: 20, height: 30, channels: channels, fill: 255)
            let result = try PersonAugmentation.none(image, height: 10, width: 5, seed: 0)
            #expect(result == Image(width: 5, height: 10, channels: 3, fill: 255))
        }
    }

    @Test("a sample is planar bytes") func field() throws {
        let tree = try GeneratedTree()
        try picture.writePNG(tree.path("1.png"))
        let person = PersonImage(path: tree.path("1.png"), person: 1, camera: 0)
        let field = try PersonAugmentation.none.field(person, height: 64, width: 32, seed: 0)
        #expect(field == .image(picture))
        #expect(field.shape == [3, 64, 32])
    }

    @Test("settings are read by name") func coding() throws {
        var augmentation = PersonAugmentation()
        augmentation.paddingFill = .edge
        augmentation.erasing.largestArea = 0.3
        let data = try JSONEncoder().encode(augmentation)
        #expect(try JSONDecoder().decode(PersonAugmentation.self, from: data) == augmentation)
    }
}
