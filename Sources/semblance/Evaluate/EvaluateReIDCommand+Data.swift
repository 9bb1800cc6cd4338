import CommandLineKit
import Foundation
import ReID
import Torch

extension EvaluateReIDCommand {
    /// What is scored.
    struct Source {
        var query: FeatureFile
        var gallery: FeatureFile
        /// With --flip, the embeddings without it.
        var unflipped: (query: FeatureFile, gallery: FeatureFile)?
        var attributes: AttributeReport?
        var embedder: PersonEmbedder?
    }

    /// Embeds a data set's queries and gallery, and judges attributes on the way.
    func embed(_ root: String, device: Device, _ invocation: Invocation) throws -> Source {
        let dataset = try PersonDataset.load(layout, root: root, attributes: attributes?.string)
        for remark in dataset.remarks { invocation.reporter.note("\(remark)") }
        guard !dataset.query.isEmpty, !dataset.gallery.isEmpty else {
            throw ReIDError.data(
                path: root,
                reason:
                    "\(dataset.query.count) queries and \(dataset.gallery.count) gallery images: both are needed"
            )
        }
        let embedder = try embedding.load(device: device)
        let judged = try dataset.attributes.map { try JudgedAttributes(table: $0, model: embedder.model) }
        for name in judged?.left ?? [] {
            invocation.reporter.note(
                "attribute '\(name)' is not judged: the model does not predict it, or with other classes")
        }
        let query = try embedder(dataset.query, progress: PersonModelOptions.progress("queries", invocation))
        let gallery = try embedder(
            dataset.gallery, progress: PersonModelOptions.progress("gallery", invocation))
        if let saveFeatures {
            try OutputFolder.make(saveFeatures.string)
            try query.features.write(to: saveFeatures.string + "/query.safetensors")
            try gallery.features.write(to: saveFeatures.string + "/gallery.safetensors")
        }
        var unflipped: (query: FeatureFile, gallery: FeatureFile)?
        if let queries = query.unflipped, let images = gallery.unflipped { unflipped = (queries, images) }
        return Source(
            query: query.features, gallery: gallery.features, unflipped: unflipped,
            attributes: try judged?.report([query, gallery]), embedder: embedder)
    }
}

/// The attributes that a table and a model both know.
struct JudgedAttributes {
    private let table: AttributeTable
    /// Positions in the table's schema and in the model's.
    private let pairs: [(table: Int, model: Int)]
    /// Names that are in the table only.
    let left: [String]

    /// - Throws: `ReIDError.invalidArgument` if the model predicts none of them.
    init(table: AttributeTable, model: ReIDModel) throws {
        guard model.attributeHeads != nil, let schema = model.configuration.attributes else {
            throw ReIDError.invalidArgument(
                "the model predicts no attributes: leave --attributes out, or use a model trained with them")
        }
        var (pairs, left): ([(table: Int, model: Int)], [String]) = ([], [])
        for (index, attribute) in table.schema.attributes.enumerated() {
            if let place = schema.index(of: attribute.name), schema.attributes[place] == attribute {
                pairs.append((index, place))
            } else {
                left.append(attribute.name)
            }
        }
        guard !pairs.isEmpty else {
            throw ReIDError.invalidArgument(
                "the model predicts none of the file's attributes (\(left.joined(separator: ", "))), only \(schema.attributes.map(\.name).joined(separator: ", "))"
            )
        }
        self.table = table
        self.pairs = pairs
        self.left = left
    }

    /// Over the images of people: distractors (id 0) have no attributes.
    func report(_ outputs: [PersonEmbedder.Output]) throws -> AttributeReport {
        let schema = table.schema
        var evaluation = AttributeEvaluation(
            pairs.map { (schema.attributes[$0.table].name, schema.attributes[$0.table].classes) })
        for output in outputs {
            let answers = zip(output.attributes ?? [], output.balancedAttributes ?? [])
            for (image, (likeliest, balanced)) in zip(output.images, answers) where image.person > 0 {
                let truth = table.classes(of: image.person)
                try evaluation.add(
                    predicted: pairs.map { likeliest[$0.model] }, balanced: pairs.map { balanced[$0.model] },
                    truth: pairs.map { truth[$0.table] }, person: image.person)
            }
        }
        return try evaluation.report()
    }
}
