import Foundation
import ReID
import Testing

/// The data set itself, where there is one: `SEMBLANCE_MARKET1501` names its root.
enum MarketOnDisk {
    static let root = ProcessInfo.processInfo.environment["SEMBLANCE_MARKET1501"]
    static var isPresent: Bool { root != nil }
}

@Suite(
    "Market-1501 on disk",
    .enabled(if: MarketOnDisk.isPresent, "SEMBLANCE_MARKET1501 names the root of the data set"))
struct RealMarketTests {
    @Test("has the published images and people") func counts() throws {
        let data = try PersonDataset.load(.market1501, root: #require(MarketOnDisk.root))
        #expect(data.train.count == 12_936 && data.trainPeople.count == 751)
        #expect(data.query.count == 3368 && Set(data.query.map(\.person)).count == 750)
        #expect(data.gallery.count == 15_913 && Set(data.gallery.map(\.person)).count == 751)
        #expect(data.train.count { $0.person == 1488 } + data.gallery.count { $0.person == 1488 } > 0)
        #expect(Set(data.train.map(\.camera)) == Set(0..<6))
    }

    @Test("attributes are those that SciPy reads") func attributes() throws {
        let root = try #require(MarketOnDisk.root)
        let file = "\(root)/../Market-1501_Attribute/market_attribute.mat"
        guard FileManager.default.fileExists(atPath: file) else { return }
        let data = try PersonDataset.load(.market1501, root: root, attributes: file)
        #expect(data.remarks.isEmpty)
        let counts = PersonDatasetStatistics(data).attributes
        let age = try #require(counts.first { $0.name == "age" })
        #expect(age.train == [14, 569, 160, 8] && age.test == [2, 640, 103, 5])
        let gender = try #require(counts.first { $0.name == "gender" })
        #expect(gender.train == [431, 320] && gender.test == [414, 336])
        let purple = try #require(counts.first { $0.name == "downpurple" })
        #expect(purple.train == [749, 2] && purple.test == [750, 0])
        let clothes = try #require(counts.first { $0.name == "clothes" })
        #expect(clothes.train == [110, 641] && clothes.test == [85, 665])
    }

    @Test("one core makes samples faster than a network takes them", arguments: [(128, 64), (256, 128)])
    func speed(height: Int, width: Int) throws {
        let data = try PersonDataset.load(.market1501, root: #require(MarketOnDisk.root))
        let images = stride(from: 0, to: data.train.count, by: 13).map { data.train[$0] }
        let clock = ContinuousClock()
        var rates: [String: Double] = [:]
        var coloured = PersonAugmentation()
        coloured.jitter.probability = 1
        coloured.jitter.hue = 0.05
        var all = coloured
        all.policy.probability = 1
        for (name, augmentation) in [("plain", PersonAugmentation()), ("jitter", coloured), ("policy", all)] {
            let time = try clock.measure {
                for (seed, image) in images.enumerated() {
                    _ = try augmentation.field(image, height: height, width: width, seed: UInt64(seed))
                }
            }
            rates[name] = Double(images.count) / (time / .seconds(1))
        }
        print("\(height)x\(width): \(rates.mapValues { Int($0) }) samples/s")
        #expect(rates.values.allSatisfy { $0 > 200 })
    }
}
