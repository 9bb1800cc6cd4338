import Metrics
import NN
import Torch
import Training

/// Trains an embedding with the joint loss.
public final class ReIDTask: TrainingTask {
    public let configuration: ReIDTraining
    public let network: EmbeddingNetwork
    public let loss: JointLoss
    /// The moving average, which is the model when there is one.
    public let average: EMA<EmbeddingNetwork>?
    public let components: TrainingComponents
    private let attributeCounts: [[Int]]
    private let validation: ReIDValidation?
    private let diagnostics: TrainingDiagnostics?

    /// - Parameters:
    ///   - classes: people in the training set.
    ///   - schema: attributes to predict; nil for none.
    ///   - attributeCounts: training images per attribute and class.
    ///   - pretrained: the backbone's weights by torchvision key; nil starts from random ones.
    ///   - start: a trained model to go on from, instead of `pretrained`; its attribute heads too, where the schema is the same.
    ///   - validation: held-out people.
    ///   - diagnostics: where the gradients measured at every `diagnoseEvery`-th step go.
    public init(
        _ configuration: ReIDTraining, classes: Int, schema: AttributeSchema?, attributeCounts: [[Int]],
        pretrained: (state: [String: Tensor], source: String)?, start: ReIDModel? = nil,
        validation: ReIDValidation?, diagnostics: TrainingDiagnostics? = nil, in context: Context
    ) throws {
        self.configuration = configuration
        self.validation = validation
        self.diagnostics = diagnostics
        self.attributeCounts = attributeCounts
        network = try EmbeddingNetwork(configuration.network, in: context)
        if let start {
            guard start.configuration.network == configuration.network else {
                throw ReIDError.invalidArgument(
                    "the model to start from has the network \(start.configuration.network), and the configuration asks for \(configuration.network); expected the same"
                )
            }
            try network.copy(from: start.network)
        } else if let pretrained {
            try network.loadPretrainedBackbone(pretrained.state, source: pretrained.source)
        }
        try network.useChannelsLast()
        loss = try JointLoss(
            configuration.loss, dimension: network.dimension, classes: classes,
            attributes: schema?.heads ?? [], attributeCounts: schema == nil ? nil : attributeCounts,
            in: context)
        if let heads = loss.attributes, let trained = start?.attributeHeads,
            start?.configuration.attributes == schema,
            start?.configuration.hasAttention == configuration.loss.attributes.hasAttention
        {
            try heads.copy(from: trained)
        }
        average =
            configuration.averageDecay > 0
            ? try EMA(
                of: network, average: EmbeddingNetwork(configuration.network, in: context),
                decay: configuration.averageDecay) : nil

        try network.backbone.freeze(configuration.frozenLayers)
        let base = network.backbone.parameters()
        let head = (network.parameters() + loss.parameters()).filter { parameter in
            !base.contains { $0 === parameter }
        }
        let groups = [
            ParameterGroup(
                base.filter(\.requiresGrad), name: "backbone", rate: configuration.rate,
                weightDecay: configuration.weightDecay),
            ParameterGroup(
                head.filter(\.requiresGrad), name: "head",
                rate: configuration.rate * configuration.headRateFactor,
                weightDecay: configuration.weightDecay),
        ]
        let optimizer: any Optimizer =
            switch configuration.optimizer {
            case .adam: Adam(groups)
            case .adamW: Adam(groups, decoupled: true)
            case .sgd: SGD(groups, momentum: 0.9, nesterov: true)
            }
        components = TrainingComponents(
            modules: ["network": network, "loss": loss],
            optimizers: [
                "all": ScheduledOptimizer(
                    optimizer, schedule: configuration.schedule,
                    clipNorm: configuration.clipNorm > 0 ? configuration.clipNorm : nil)
            ],
            averages: average.map { ["network": $0] } ?? [:], generators: ["network": context.generator])
    }

    public func step(_ batch: Batch, _ context: StepContext) throws {
        try freezeBackbone(context.step < configuration.frozenSteps)
        let labels = try batch["label"]
        let features = try network.features(PersonPixels.normalised(batch["image"]))
        let attributes = loss.attributes == nil ? nil : try batch["attributes"]
        let losses = try loss(
            raw: features.raw, neck: features.neck, labels: labels, attributes: attributes)
        // A frozen backbone's feature is outside the graph: there is no gradient at it to measure.
        if configuration.diagnoseEvery > 0, context.step % configuration.diagnoseEvery == 0,
            context.step >= configuration.frozenSteps
        {
            try diagnostics?.add(losses, features, step: context.step)
        }
        try context.minimise(losses, with: "all")
        // Reading a value waits for the device: not at every step.
        if context.step % 10 == 0, let accuracy = loss.accuracy {
            try context.log("accuracy", accuracy.item())
        }
    }

    /// A random classifier's first gradients would spoil pretrained weights; while it settles the backbone also keeps its statistics.
    private func freezeBackbone(_ freeze: Bool) throws {
        guard network.backbone.isTraining == freeze else { return }
        try network.backbone.requiresGrad_(!freeze)
        network.backbone.train(!freeze)
        if !freeze { try network.backbone.freeze(configuration.frozenLayers) }
    }

    public func validate() throws -> [String: Double] {
        guard let validation else { return [:] }
        return try validation.evaluate(model)
    }

    /// The network that a finished run is: the average where there is one.
    public var model: EmbeddingNetwork { average?.average ?? network }
}

extension ReIDTask {
    /// The model as it stands, for a file.
    public func trainedModel(height: Int, width: Int, schema: AttributeSchema?) throws -> ReIDModel {
        let model = try ReIDModel(
            ReIDModelConfiguration(
                network: configuration.network, height: height, width: width, attributes: schema,
                hasAttention: configuration.loss.attributes.hasAttention,
                attributeFeature: configuration.loss.attributes.feature,
                attributeCounts: schema == nil ? nil : attributeCounts),
            in: Context(device: .cpu, seed: 0))
        try model.network.copy(from: self.model)
        if let heads = model.attributeHeads, let trained = loss.attributes {
            try heads.copy(from: trained)
        }
        return model
    }
}
