/// How many images, people and cameras the parts of a data set have, beside the published numbers.
public struct PersonDatasetStatistics: Codable, Sendable, Equatable {
    public struct Part: Codable, Sendable, Equatable {
        public let split: PersonDatasetSplit
        public let images: Int
        /// Without distractors.
        public let people: Int
        /// Known ones.
        public let cameras: Int
        /// Images of distractors (person 0 of Market-1501), which are among `images`.
        public let distractors: Int
        /// Images that were left out as junk.
        public let junk: Int
        /// Of one person, without distractors; 0 when there is nobody.
        public let fewestImages, medianImages, mostImages: Int
    }

    /// How many people have each class of an attribute.
    public struct AttributeCount: Codable, Sendable, Equatable {
        public let name: String
        public let classes: [String]
        /// Of the training people, by class.
        public let train: [Int]
        /// Of the query and gallery people, by class.
        public let test: [Int]
    }

    public let name: String
    public let layout: PersonDatasetLayout
    /// Train, query and gallery, less those without images.
    public let parts: [Part]
    public let attributes: [AttributeCount]
    /// Where the numbers differ from the published ones.
    public let mismatches: [String]

    public init(_ dataset: PersonDataset) {
        name = dataset.name
        layout = dataset.layout
        var junk: [PersonDatasetSplit: Int] = [:]
        for case .junkDropped(let split, let images) in dataset.remarks { junk[split] = images }
        let parts = PersonDatasetSplit.allCases.compactMap { split -> Part? in
            let images = dataset[split]
            return images.isEmpty
                ? nil : Part(split, images, layout: dataset.layout, junk: junk[split] ?? 0)
        }
        self.parts = parts
        if let table = dataset.attributes {
            let train = table.counts(of: dataset.train.lazy.map(\.person))
            let test = table.counts(of: (dataset.query + dataset.gallery).lazy.map(\.person))
            attributes = table.schema.attributes.enumerated().map { index, attribute in
                AttributeCount(
                    name: attribute.name, classes: attribute.classes, train: train[index], test: test[index])
            }
        } else {
            attributes = []
        }
        mismatches =
            PublishedDataset(dataset.layout).map { published in
                parts.flatMap { $0.mismatches(published[$0.split], cameras: published.cameras) }
            } ?? []
    }

    /// A table for people to read, one line each.
    public var lines: [String] {
        var rows = [["part", "images", "people", "cameras", "images a person (fewest, median, most)"]]
        for part in parts {
            let distractors = part.distractors > 0 ? " + \(part.distractors.grouped) distractor images" : ""
            rows.append([
                part.split.rawValue, part.images.grouped, part.people.grouped,
                part.cameras == 0 ? "unknown" : "\(part.cameras)",
                "\(part.fewestImages), \(part.medianImages), \(part.mostImages)\(distractors)",
            ])
        }
        var lines = Self.aligned(rows, right: 1...3)
        if !attributes.isEmpty {
            let table = attributes.map { attribute in
                [attribute.name]
                    + [attribute.train, attribute.test].map { counts in
                        zip(attribute.classes, counts).map { "\($0) \($1)" }.joined(separator: ", ")
                    }
            }
            lines += [""] + Self.aligned([["attribute", "train people", "test people"]] + table)
        }
        return lines
    }

    private static func aligned(_ rows: [[String]], right: ClosedRange<Int>? = nil) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return right?.contains(column) == true ? space + text : text + space
            }
            let line = cells.joined(separator: "  ")
            return String(
                line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
        }
    }
}

extension PersonDatasetStatistics.Part {
    init(_ split: PersonDatasetSplit, _ images: [PersonImage], layout: PersonDatasetLayout, junk: Int) {
        var counts: [Int: Int] = [:]
        for image in images { counts[image.person, default: 0] += 1 }
        distractors = layout == .market1501 ? counts.removeValue(forKey: 0) ?? 0 : 0
        let sorted = counts.values.sorted()
        self.split = split
        self.images = images.count
        people = counts.count
        cameras = Set(images.map(\.camera)).subtracting([PersonImage.unknownCamera]).count
        self.junk = junk
        fewestImages = sorted.first ?? 0
        medianImages = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        mostImages = sorted.last ?? 0
    }

    fileprivate func mismatches(_ published: PublishedDataset.Part, cameras expected: Int) -> [String] {
        var texts: [String] = []
        let whole = "\(split.rawValue): \(images.grouped) images, published \(published.images.grouped)"
        let difference = images + junk - published.images
        if difference != 0, junk == 0, difference == -published.junk {
            texts.append(
                "\(whole): \(published.junk.grouped) junk images are absent, which the protocol drops anyway")
        } else if difference != 0 {
            let junk = self.junk > 0 ? " (and \(self.junk.grouped) junk images left out)" : ""
            texts.append(
                "\(whole)\(junk): \(abs(difference).grouped) \(difference < 0 ? "missing" : "too many")"
            )
        }
        if people != published.people {
            texts.append(
                "\(split.rawValue): \(people.grouped) people, published \(published.people.grouped)")
        }
        if cameras != expected {
            texts.append("\(split.rawValue): \(cameras) cameras, published \(expected)")
        }
        return texts
    }
}
