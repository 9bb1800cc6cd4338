import NN
import Torch

/// A trained embedding network, with its attribute heads if it has any.
///
/// Checkpoint keys: `network.…` and `attributes.…`; the file's metadata holds the configuration.
public final class ReIDModel: Module {
    public static let format = "semblance-reid-1"

    public let configuration: ReIDModelConfiguration
    public let network: EmbeddingNetwork
    @Child public var attributeHeads: AttributeHeads?

    public var height: Int { configuration.height }
    public var width: Int { configuration.width }
    /// Length of the embeddings.
    public var dimension: Int { network.dimension }

    public init(_ configuration: ReIDModelConfiguration, in context: Context) throws {
        if let counts = configuration.attributeCounts,
            counts.map(\.count) != configuration.attributes?.attributes.map(\.classes.count)
        {
            throw ReIDError.invalidArgument(
                "counts of \(counts.map(\.count)) classes for attributes of \(configuration.attributes?.attributes.map(\.classes.count) ?? []) classes"
            )
        }
        self.configuration = configuration
        network = try EmbeddingNetwork(configuration.network, in: context)
        let dimension = network.dimension
        _attributeHeads = Child(
            try configuration.attributes.map {
                try AttributeHeads(
                    dimension: dimension, heads: $0.heads, hasAttention: configuration.hasAttention,
                    in: context)
            }, key: "attributes")
        super.init()
    }

    // MARK: Files

    /// Writes the model as fp16 safetensors with the configuration inside, atomically.
    public func write(to path: String, metadata: [String: String] = [:]) throws {
        try ModelFile.write(
            self, format: Self.format, configuration: configuration, to: path, dtype: .float16,
            metadata: metadata)
    }

    /// Reads a file written by `write(to:)`; the network is frozen, in evaluation mode and channels last.
    /// - Throws: `ReIDError.model` for another kind of file, `TorchError` for one that is damaged.
    public static func read(_ path: String, device: Device = .cpu) throws -> ReIDModel {
        let configuration: ReIDModelConfiguration = try ModelFile.configuration(
            path, format: format, what: "a re-identification model",
            remedy: "train one with 'semblance train reid' or leave --model out",
            failure: { ReIDError.model(path: path, reason: $0) })
        let model = try ReIDModel(configuration, in: Context(device: device, seed: 0))
        try model.load(contentsOf: path)
        try model.requiresGrad_(false)
        try model.network.useChannelsLast()
        model.evaluate()
        return model
    }
}
