import CommandLineKit
import Faces
import Foundation
import Resources
import Unmasking

/// `--comparison`: what a probe and a reference are compared by.
enum ComparisonChoice: ArgumentValue, Equatable {
    case cosine
    /// What was learned for the recogniser, from `Models/`.
    case joint
    /// The same, from another folder.
    case folder(String)

    init(argument: String) throws(ArgumentError) {
        switch argument {
        case "cosine": self = .cosine
        case "joint": self = .joint
        default:
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), isFolder.boolValue
            else {
                throw ArgumentError(
                    "is no comparison; expected cosine, joint, or a folder that 'semblance train comparison' wrote"
                )
            }
            self = .folder(argument)
        }
    }

    static var valueName: String { "NAME|DIR" }

    var argumentText: String {
        switch self {
        case .cosine: "cosine"
        case .joint: "joint"
        case .folder(let path): path
        }
    }

    /// What was learned for a recogniser; nil for cosines.
    func model(for recogniser: String) throws -> ComparisonModel? {
        switch self {
        case .cosine: nil
        case .joint: try .installed(recogniser: recogniser)
        case .folder(let path):
            try ComparisonModel(
                contentsOf: "\(path)/\(ComparisonModel.name(recogniser: recogniser))", of: recogniser)
        }
    }

    /// Rules as they are compared where nothing else was asked for: masked faces that were realigned, recovered or both by what was learned for
    /// them, as far as something was; the rest by cosines.
    static func unchosen(_ rules: [FusionRule], recogniser: String, in locator: ResourceLocator = .standard)
        throws -> [FusionRule]
    {
        let isPlain = { (rule: FusionRule) in rule.probeViews.isSubset(of: [.clean, .masked]) }
        guard !rules.allSatisfy(isPlain),
            FileManager.default.fileExists(
                atPath: ComparisonModel.installedPath(recogniser: recogniser, in: locator))
        else { return rules }
        let model = try ComparisonModel.installed(recogniser: recogniser, in: locator)
        return try rules.map {
            isPlain($0) || model.comparisons[$0.signature] == nil ? $0 : try model.applied(to: $0)
        }
    }
}
