import Faces
import NN
import Torch

extension InversionModel {
    /// Imports a pSp or e4e checkpoint: `state_dict` with `encoder.…` and `decoder.…`, `latent_avg` and `opts` beside it.
    /// Sizes are read from the shapes; options say whether codes start from the mean latent.
    /// - Throws: `ImportError` or `TorchError`.
    public static func imported(
        _ checkpoint: CheckpointFile, as method: InversionConfiguration.Method, device: Device = .cpu
    ) throws -> (model: InversionModel, report: ImportReport) {
        let nested = "state_dict/"
        let prefix = checkpoint.tensors.keys.contains { $0.hasPrefix(nested) } ? nested : ""
        var ledger = KeyLedger(checkpoint, network: method.rawValue)
        guard ledger.has(prefix: prefix + "encoder."), ledger.has(prefix: prefix + "decoder."),
            let generator = GeneratorConfiguration.detected({ ledger.shape("\(prefix)decoder.\($0)") })
        else {
            throw ImportError.otherNetwork(
                path: checkpoint.path,
                expected:
                    "a \(method.rawValue) network: keys encoder.… and decoder.… with a StyleGAN2 generator",
                found: checkpoint.outline)
        }
        try check(checkpoint, is: method)
        let encoder = Self.encoder(for: generator) { ledger.shape("\(prefix)encoder.\($0)") }
        let option = checkpoint.values["opts/start_from_latent_avg"]?.lowercased()
        let means = [prefix + "latent_avg", "latent_avg"].filter { ledger.shape($0) != nil }
        let startsFromMean = option.map { $0 == "true" } ?? true
        let configuration = InversionConfiguration(
            method: method, encoder: encoder, generator: generator, startsFromMean: startsFromMean)
        try configuration.validate()
        let model = try InversionModel(configuration, in: Context(device: device, seed: 0))
        ledger.assign(model.encoder, prefix: prefix + "encoder.")
        ledger.assign(model.generator, prefix: prefix + "decoder.")

        var mean: Tensor?
        if let key = means.first, let value = ledger.take(key) {
            let (count, dimension) = (generator.styleCount, generator.styleDimension)
            if value.shape.last == dimension, [dimension, count * dimension].contains(value.count) {
                mean = try value.reshape([-1, dimension]).expand([count, dimension])
            } else {
                ledger.refuse(key, value.shape, expected: "[\(dimension)] or [\(count), \(dimension)]")
            }
        } else if startsFromMean {
            ledger.lack("latent_avg")
        }
        ledger.leaveOut(prefix: "latent_avg", reason: "a second copy of the mean latent")
        for name in ["discriminator_state_dict", "discriminator", "latent_discriminator"] {
            ledger.leaveOut(prefix: name, reason: "the latent discriminator, which only training needs")
        }
        var details = generator.details
        details["inputChannels"] = "\(encoder.trunk.inputChannels)"
        details["startsFromMean"] = "\(startsFromMean)"
        details["encoderType"] = checkpoint.values["opts/encoder_type"] ?? "not stated"
        let report = try ledger.settle(details: details)
        if let mean {
            try noGrad { () throws(TorchError) in _ = try model.meanLatent.copy_(mean) }
        }
        try model.adoptMeanLatent()
        try model.evaluate().requiresGrad_(false)
        return (model, report)
    }

    /// The options name the encoder's class; the keys of both methods are the same.
    private static func check(_ checkpoint: CheckpointFile, is method: InversionConfiguration.Method) throws {
        guard let type = checkpoint.values["opts/encoder_type"] else { return }
        let known: [String: InversionConfiguration.Method] = [
            "GradualStyleEncoder": .psp, "Encoder4Editing": .e4e,
        ]
        guard known[type] != method else { return }
        let advice =
            known[type].map { "import it with --as \($0.rawValue)" }
            ?? "encoders that can be imported: \(known.keys.sorted().joined(separator: ", "))"
        throw ImportError.otherNetwork(
            path: checkpoint.path,
            expected: "the encoder of \(method.rawValue)",
            found: "\(type) (opts.encoder_type); \(advice)")
    }

    private static func encoder(
        for generator: GeneratorConfiguration, _ shape: (String) -> [Int]?
    ) -> StylePyramidConfiguration {
        let published = IRTrunkConfiguration()
        let stem = shape("input_layer.0.weight")
        let widths = zip(published.stageChannels, [0, 3, 7, 21]).map { width, unit in
            shape("body.\(unit).res_layer.3.weight")?.first ?? width
        }
        let trunk = IRTrunkConfiguration(
            inputChannels: stem.flatMap { $0.count == 4 ? $0[1] : nil } ?? published.inputChannels,
            stemChannels: stem?.first ?? published.stemChannels, stageChannels: widths,
            reduction: shape("body.0.res_layer.5.fc1.weight").flatMap { fc in
                fc.first.flatMap { $0 > 0 && widths[0] / $0 > 0 ? widths[0] / $0 : nil }
            } ?? published.reduction)
        return StylePyramidConfiguration(
            trunk: trunk, styleCount: generator.styleCount, styleDimension: generator.styleDimension)
    }
}
