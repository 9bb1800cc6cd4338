import Foundation
import Torch

/// The learned comparisons of one recogniser, one for each rule of putting views together.
public struct ComparisonModel: Sendable, Equatable {
    public static let format = "semblance-comparison-1"

    /// "sface", "dlib", "edgeface".
    public let recogniser: String
    /// By `FusionRule.signature`.
    public let comparisons: [String: JointComparison]

    public init(recogniser: String, comparisons: [String: JointComparison]) {
        self.recogniser = recogniser
        self.comparisons = comparisons
    }

    /// The name of the file in `Models/`.
    public static func name(recogniser: String) -> String { "comparison-\(recogniser).safetensors" }

    /// Learns a comparison for each rule from photos that were embedded in all views the rules need.
    /// - Parameters:
    ///   - photos: those whose face was found and treated in every view take part.
    /// - Returns: the model, and how many photos took part.
    /// - Throws: `FacesError.invalidArgument` for too few photos or a rule that compares more than one embedding a side, `TorchError`.
    public static func learned(
        recogniser: String, rules: [FusionRule], photos: [VerificationPair.Photo],
        embeddings: PhotoEmbeddings,
        settings: JointComparison.Settings = .init()
    ) throws -> (model: ComparisonModel, photos: Int) {
        let views = Set<PhotoView>(of: rules)
        let usable = photos.filter { photo in
            views.allSatisfy {
                embeddings.rows[.init(photo, $0)].map { $0.hasFace && $0.isTreated } ?? false
            }
        }
        guard usable.count >= 3 else {
            throw FacesError.invalidArgument(
                "in \(usable.count) of \(photos.count) photos a face was found with and without a mask; a comparison is learned from hundreds, and from three at least"
            )
        }
        var comparisons: [String: JointComparison] = [:]
        for rule in rules {
            var (references, probes): ([[Float]], [[Float]]) = ([], [])
            for photo in usable {
                references.append(try rule.referenceSum(photo, embeddings))
                probes.append(try rule.probeSum(photo, embeddings))
            }
            comparisons[rule.signature] = try JointComparison(
                references: references, probes: probes, settings: settings)
        }
        return (ComparisonModel(recogniser: recogniser, comparisons: comparisons), usable.count)
    }

    /// The rule, compared by what was learned for it.
    /// - Throws: `FacesError.invalidArgument` listing the rules there are.
    public func applied(to rule: FusionRule) throws(FacesError) -> FusionRule {
        guard let comparison = comparisons[rule.signature] else {
            throw .invalidArgument(
                "no comparison was learned for \(rule.signature) of \(recogniser), only for \(comparisons.keys.sorted().joined(separator: ", "))"
            )
        }
        var compared = rule
        compared.comparison = comparison
        return compared
    }

    // MARK: Files

    /// Writes the matrices as fp16, atomically.
    public func write(to path: String, metadata: [String: String] = [:]) throws(TorchError) {
        var tensors: [String: Tensor] = [:]
        for (signature, comparison) in comparisons {
            for (key, tensor) in try comparison.tensors() { tensors["\(signature)/\(key)"] = tensor }
        }
        var metadata = metadata
        metadata["format"] = Self.format
        metadata["recogniser"] = recogniser
        try SafeTensors.write(tensors, to: path, metadata: metadata)
    }

    /// - Throws: `FacesError.invalidArgument` naming the file for one that is missing, of another kind, of another recogniser or incomplete;
    ///   `TorchError` for one that is damaged.
    public init(contentsOf path: String, of recogniser: String) throws {
        let remedy = "make one with 'semblance train comparison'"
        guard FileManager.default.fileExists(atPath: path) else {
            throw FacesError.invalidArgument("\(path): there is no learned comparison; \(remedy)")
        }
        let metadata = try SafeTensors.metadata(path)
        guard metadata["format"] == Self.format, let owner = metadata["recogniser"] else {
            throw FacesError.invalidArgument(
                "\(path): not a learned comparison (format \(metadata["format"] ?? "absent"), expected \(Self.format)); \(remedy)"
            )
        }
        guard owner == recogniser else {
            throw FacesError.invalidArgument(
                "\(path): belongs to the recogniser '\(owner)', not '\(recogniser)'; \(remedy)")
        }
        var parts: [String: [String: Tensor]] = [:]
        for (name, tensor) in try SafeTensors.read(path) {
            let pieces = name.split(separator: "/").map(String.init)
            guard pieces.count == 2 else {
                throw FacesError.invalidArgument("\(path): the tensor '\(name)' is not known here; \(remedy)")
            }
            parts[pieces[0], default: [:]][pieces[1]] = tensor
        }
        var comparisons: [String: JointComparison] = [:]
        for (signature, tensors) in parts {
            do { comparisons[signature] = try JointComparison(tensors: tensors) } catch let error
                as FacesError
            {
                throw FacesError.invalidArgument("\(path), \(signature): \(error); \(remedy)")
            }
        }
        self.init(recogniser: recogniser, comparisons: comparisons)
    }
}
