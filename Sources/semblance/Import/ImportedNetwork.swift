import Faces
import CommandLineKit
import Configuration
import ReID
import Torch
import Unmasking

/// The published layouts that can be imported: those of faces, and every backbone that re-identification can be built on.
enum ImportedNetwork: ArgumentValue, Equatable {
    case stylegan2
    case inversion(InversionConfiguration.Method)
    case irSE50
    case classifier(ImageClassifier.Architecture)
    case backbone(BackboneKind)

    private static let all: [(name: String, network: ImportedNetwork)] =
        [("stylegan2", .stylegan2)]
        + InversionConfiguration.Method.allCases.map { ($0.rawValue, .inversion($0)) }
        + [("ir-se50", .irSE50)]
        + ImageClassifier.Architecture.allCases.map { ($0.rawValue, .classifier($0)) }
        + BackboneKind.allCases.map { ($0.rawValue, .backbone($0)) }

    static let valueName = "NAME"
    static var allowedValues: [String] { all.map(\.name) }
    var argumentText: String { Self.all.first { $0.network == self }?.name ?? "" }

    init(argument: String) throws(ArgumentError) {
        guard let found = Self.all.first(where: { $0.name == argument }) else {
            throw ArgumentError(
                "is not one of \(Self.allowedValues.joined(separator: ", "))"
                    + Suggestion.phrase(for: argument, in: Self.allowedValues))
        }
        self = found.network
    }

    var isClassifier: Bool { if case .classifier = self { true } else { false } }

    /// Maps a checkpoint and writes our file.
    /// - Throws: `ImportError`, `UnmaskingError` or `TorchError`; nothing is written then.
    func convert(_ checkpoint: CheckpointFile, linear: CheckpointFile?, to path: String, dtype: ScalarType)
        throws
        -> ImportReport
    {
        let metadata = ["source": checkpoint.path.split(separator: "/").last.map(String.init) ?? ""]
        switch self {
        case .stylegan2:
            let (model, report) = try GeneratorModel.imported(checkpoint)
            try model.write(to: path, dtype: dtype, metadata: metadata)
            return report
        case .inversion(let method):
            let (model, report) = try InversionModel.imported(checkpoint, as: method)
            try model.write(to: path, dtype: dtype, metadata: metadata)
            return report
        case .irSE50:
            let (model, report) = try IRSE50.imported(checkpoint)
            try model.write(to: path, dtype: dtype, metadata: metadata)
            return report
        case .classifier(let architecture):
            guard let linear else {
                let (model, report) = try ImageClassifier.imported(checkpoint, as: architecture)
                try model.write(to: path, dtype: dtype, metadata: metadata)
                return report
            }
            let (model, report) = try ImageClassifier.importedLPIPS(
                checkpoint, linear: linear, as: architecture)
            try model.save(to: path, dtype: dtype, metadata: metadata)
            return report
        case .backbone(let kind):
            let (model, report) = try kind.imported(checkpoint)
            var notes = metadata
            notes["backbone"] = kind.rawValue
            try model.save(to: path, dtype: dtype, metadata: notes)
            return report
        }
    }
}
