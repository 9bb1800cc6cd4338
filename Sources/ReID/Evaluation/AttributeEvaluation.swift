/// Compares predicted with true attributes, image by image.
public struct AttributeEvaluation: Sendable {
    /// An attribute: its name and the names of its classes; two classes make it binary.
    public typealias Attribute = (name: String, classes: [String])

    private let attributes: [Attribute]
    /// Per attribute [true class][predicted class].
    private var counts: [[[Int]]]
    private var images = 0
    private var people: Set<Int> = []

    public init(_ attributes: [Attribute]) {
        self.attributes = attributes
        counts = attributes.map { attribute in
            [[Int]](
                repeating: [Int](repeating: 0, count: attribute.classes.count),
                count: attribute.classes.count)
        }
    }

    /// Counts one image.
    /// - Parameters:
    ///   - predicted: class index per attribute.
    ///   - truth: class index per attribute; -1 is unknown and not counted.
    /// - Throws: `ReIDError.invalidArgument` for a number of attributes or a class that does not fit.
    public mutating func add(predicted: [Int], truth: [Int], person: Int) throws(ReIDError) {
        guard predicted.count == attributes.count, truth.count == attributes.count else {
            throw .invalidArgument(
                "\(predicted.count) predicted and \(truth.count) true attributes, expected \(attributes.count) of each"
            )
        }
        for index in attributes.indices {
            let classes = attributes[index].classes
            guard classes.indices.contains(predicted[index]), truth[index] >= -1, truth[index] < classes.count
            else {
                throw .invalidArgument(
                    "attribute '\(attributes[index].name)': predicted class \(predicted[index]), true class \(truth[index]); there are \(classes.count) classes"
                )
            }
        }
        for index in attributes.indices where truth[index] >= 0 {
            counts[index][truth[index]][predicted[index]] += 1
        }
        images += 1
        people.insert(person)
    }

    /// - Throws: `ReIDError.invalidArgument` if no image has a known attribute.
    public func report() throws(ReIDError) -> AttributeReport {
        var list: [AttributeReport.Attribute] = []
        var binary: [Double] = []
        for (attribute, table) in zip(attributes, counts) {
            let perClass = table.map { $0.reduce(0, +) }
            let total = perClass.reduce(0, +)
            guard total > 0 else { continue }
            let occurring = perClass.indices.filter { perClass[$0] > 0 }
            let recalls = occurring.map { Double(table[$0][$0]) / Double(perClass[$0]) }
            let balanced = recalls.reduce(0, +) / Double(recalls.count)
            if attribute.classes.count == 2, occurring.count == 2 { binary.append(balanced) }
            list.append(
                .init(
                    name: attribute.name, classes: attribute.classes, images: total,
                    accuracy: Double(table.indices.reduce(0) { $0 + table[$1][$1] }) / Double(total),
                    balancedAccuracy: balanced, majority: Double(perClass.max() ?? 0) / Double(total),
                    majorityBalanced: 1 / Double(occurring.count)))
        }
        guard !list.isEmpty else {
            throw .invalidArgument(
                "none of the \(images) images has a known attribute: check that the attributes belong to this data set's test people"
            )
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        return AttributeReport(
            images: images, people: people.count, mA: binary.isEmpty ? nil : mean(binary),
            accuracy: mean(list.map(\.accuracy)), balancedAccuracy: mean(list.map(\.balancedAccuracy)),
            majority: mean(list.map(\.majority)), majorityBalanced: mean(list.map(\.majorityBalanced)),
            perAttribute: list)
    }
}
