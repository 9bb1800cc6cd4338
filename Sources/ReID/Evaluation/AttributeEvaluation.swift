/// Compares predicted with true attributes, image by image, for both kinds of `AttributeDecision`.
public struct AttributeEvaluation: Sendable {
    /// An attribute: its name and the names of its classes; two classes make it binary.
    public typealias Attribute = (name: String, classes: [String])

    private let attributes: [Attribute]
    /// Per decision and attribute [true class][predicted class].
    private var counts: [AttributeDecision: [[[Int]]]]
    private var images = 0
    private var people: Set<Int> = []

    public init(_ attributes: [Attribute]) {
        self.attributes = attributes
        let empty = attributes.map { attribute in
            [[Int]](
                repeating: [Int](repeating: 0, count: attribute.classes.count),
                count: attribute.classes.count)
        }
        counts = Dictionary(uniqueKeysWithValues: AttributeDecision.allCases.map { ($0, empty) })
    }

    /// Counts one image.
    /// - Parameters:
    ///   - predicted: the likeliest class of each attribute.
    ///   - balanced: an answer that favours rare classes; nil takes the likeliest.
    ///   - truth: class index per attribute; -1 is unknown and not counted.
    /// - Throws: `ReIDError.invalidArgument` for a number of attributes or a class that does not fit.
    public mutating func add(predicted: [Int], balanced: [Int]? = nil, truth: [Int], person: Int)
        throws(ReIDError)
    {
        try check(predicted, truth)
        if let balanced { try check(balanced, truth) }
        for (decision, classes) in [
            (AttributeDecision.likeliest, predicted), (.balanced, balanced ?? predicted),
        ] {
            for index in attributes.indices where truth[index] >= 0 {
                counts[decision]?[index][truth[index]][classes[index]] += 1
            }
        }
        images += 1
        people.insert(person)
    }

    private func check(_ predicted: [Int], _ truth: [Int]) throws(ReIDError) {
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
    }

    /// - Throws: `ReIDError.invalidArgument` if no image has a known attribute.
    public func report() throws(ReIDError) -> AttributeReport {
        var list: [AttributeReport.Attribute] = []
        var binary: [Double] = []
        for (index, attribute) in attributes.enumerated() {
            let perClass = counts[.likeliest]?[index].map { $0.reduce(0, +) } ?? []
            let total = perClass.reduce(0, +)
            guard total > 0 else { continue }
            let occurring = perClass.indices.filter { perClass[$0] > 0 }
            let decisions = counts.mapValues { tables in
                let right = tables[index].indices.map { tables[index][$0][$0] }
                return AttributeReport.Decision(
                    accuracy: Double(right.reduce(0, +)) / Double(total),
                    balancedAccuracy: occurring.reduce(0) { $0 + Double(right[$1]) / Double(perClass[$1]) }
                        / Double(occurring.count))
            }
            let balanced = decisions[.balanced]?.balancedAccuracy ?? 0
            if attribute.classes.count == 2, occurring.count == 2 { binary.append(balanced) }
            list.append(
                .init(
                    name: attribute.name, classes: attribute.classes, images: total,
                    accuracy: decisions[.likeliest]?.accuracy ?? 0, balancedAccuracy: balanced,
                    majority: Double(perClass.max() ?? 0) / Double(total),
                    majorityBalanced: 1 / Double(occurring.count), decisions: Self.named(decisions)))
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
            decisions: Self.named(
                Dictionary(
                    uniqueKeysWithValues: AttributeDecision.allCases.map { decision in
                        let own = list.compactMap { $0.decisions[decision.rawValue] }
                        return (
                            decision,
                            .init(
                                accuracy: mean(own.map(\.accuracy)),
                                balancedAccuracy: mean(own.map(\.balancedAccuracy)))
                        )
                    })), perAttribute: list)
    }

    private static func named(_ decisions: [AttributeDecision: AttributeReport.Decision]) -> [String:
        AttributeReport.Decision]
    {
        Dictionary(uniqueKeysWithValues: decisions.map { ($0.key.rawValue, $0.value) })
    }
}
