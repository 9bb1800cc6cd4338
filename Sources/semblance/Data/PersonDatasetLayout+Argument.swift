import CommandLineKit
import Configuration
import ReID

extension PersonDatasetLayout: ArgumentValue {
    public static var valueName: String { "NAME" }
    public static var allowedValues: [String] { allCases.map(\.name) }
    public var argumentText: String { name }

    public init(argument: String) throws(ArgumentError) {
        guard let layout = Self(name: argument) else {
            throw ArgumentError(
                "is not one of \(Self.allowedValues.joined(separator: ", "))"
                    + Suggestion.phrase(for: argument, in: Self.allowedValues))
        }
        self = layout
    }
}

extension PersonDatasetSplit: ArgumentValue {}
