import NN
import Torch

extension GeneratorModel {
    /// Imports a StyleGAN2 checkpoint in the layout that PyTorch ports share: `g_ema`, `g`, `d`, `latent_avg`, or the state
    /// dict of a generator alone. Size, channels and depth are read from the shapes.
    ///
    /// `g_ema` is taken where it is, since its running mean draws better images; `d` is kept for further training. Without
    /// `latent_avg` the mean latent is measured over 4096 codes.
    /// - Throws: `ImportError` or `TorchError`.
    public static func imported(_ checkpoint: CheckpointFile, device: Device = .cpu) throws -> (
        model: GeneratorModel, report: ImportReport
    ) {
        var ledger = KeyLedger(checkpoint, network: "stylegan2")
        let prefix = ["g_ema/", "g_ema.", "g/", "generator.", ""].first {
            ledger.shape($0 + "input.input") != nil
        }
        guard let prefix,
            let configuration = GeneratorConfiguration.detected({ ledger.shape(prefix + $0) })
        else {
            throw ImportError.otherNetwork(
                path: checkpoint.path,
                expected:
                    "a StyleGAN2 generator ('g_ema' with keys such as input.input and to_rgbs.0.conv.weight)",
                found: checkpoint.outline)
        }
        let judge = ["d/", "d.", "discriminator."].first {
            prefix != "" && ledger.shape($0 + "final_linear.1.weight") != nil
        }
        let discriminator = judge.map { name in
            Self.discriminator(for: configuration) { ledger.shape(name + $0) }
        }
        let model = try GeneratorModel(
            Configuration(generator: configuration, discriminator: discriminator),
            in: Context(device: device, seed: 0))
        ledger.assign(model.generator, prefix: prefix)
        if let judge, let network = model.discriminator { ledger.assign(network, prefix: judge) }
        let mean = ledger.take("latent_avg")
        if let mean, mean.count != configuration.styleDimension {
            ledger.refuse("latent_avg", mean.shape, expected: "[\(configuration.styleDimension)]")
        }
        if prefix.hasPrefix("g_ema") {
            for name in ["g/", "g."] {
                ledger.leaveOut(
                    prefix: name, reason: "the generator without its running mean; g_ema was taken")
            }
        }
        for name in ["mean_path_length", "ada_aug_p"] {
            ledger.leaveOut(prefix: name, reason: "state of the training run")
        }
        var details = configuration.details
        details["discriminator"] = discriminator == nil ? "absent" : "taken"
        details["meanLatent"] = mean == nil ? "measured over 4096 codes" : "from the checkpoint"
        let report = try ledger.settle(details: details)
        if let mean {
            try noGrad { () throws(TorchError) in
                _ = try model.meanLatent.copy_(mean.reshape(model.meanLatent.shape))
            }
        } else {
            try model.measureMeanLatent()
        }
        try model.evaluate().requiresGrad_(false)
        return (model, report)
    }

    /// A discriminator's channels: its block of N px ends with the channels of N / 2.
    private static func discriminator(
        for generator: GeneratorConfiguration, _ shape: (String) -> [Int]?
    ) -> DiscriminatorConfiguration {
        var channels = generator.channels
        var size = generator.size
        if let first = shape("convs.0.0.weight") { channels[size] = first[0] }
        for block in 1..<generator.resolutions.count {
            size /= 2
            if let last = shape("convs.\(block).conv2.1.weight") { channels[size] = last[0] }
        }
        return DiscriminatorConfiguration(
            size: generator.size, channels: channels, inputChannels: shape("convs.0.0.weight")?[1] ?? 3)
    }
}
