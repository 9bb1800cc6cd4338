import NN
import Torch

extension StyleGAN2Generator {
    /// z codes [batch, styleDimension] -> w codes [batch, styleDimension].
    public func mapping(_ z: Tensor) throws(TorchError) -> Tensor {
        guard z.rank == 2, z.size(1) == configuration.styleDimension else {
            throw .invalidArgument(
                "mapping of z \(z.shape): expected [batch, \(configuration.styleDimension)]")
        }
        return try style(z)
    }

    /// Mean of the w codes of `samples` random z, [1, styleDimension].
    public func meanLatent(samples: Int = 4096, generator: Generator) throws(TorchError) -> Tensor {
        guard samples > 0 else {
            throw .invalidArgument("meanLatent of \(samples) samples: expected at least one")
        }
        return try noGrad { () throws(TorchError) in
            try mapping(
                Tensor.randn(
                    [samples, configuration.styleDimension], generator: generator, dtype: input.dtype)
            )
            .mean([0], keepdim: true)
        }
    }

    /// The truncation trick: mean + psi · (w - mean).
    /// - Parameter psi: 1 leaves w as it is, 0 gives the mean face.
    public static func truncate(_ w: Tensor, psi: Double, mean: Tensor) throws(TorchError) -> Tensor {
        try mean + (w - mean) * psi
    }

    /// One w code per layer: [batch, d] is repeated to [batch, styleCount, d]; W+ codes pass unchanged.
    public func latents(_ w: Tensor) throws(TorchError) -> Tensor {
        let (count, dimension) = (configuration.styleCount, configuration.styleDimension)
        if w.rank == 2, w.size(1) == dimension { return try w.unsqueeze(1).expand([-1, count, -1]) }
        guard w.rank == 3, w.size(1) == count, w.size(2) == dimension else {
            throw .invalidArgument(
                "w codes \(w.shape): expected [batch, \(dimension)] (W) or [batch, \(count), \(dimension)] (W+)"
            )
        }
        return w
    }

    /// Style mixing: codes of `first` for layers below `crossover`, of `second` from there on; [batch, styleCount, d].
    public func mixStyles(_ first: Tensor, _ second: Tensor, crossover: Int) throws(TorchError) -> Tensor {
        let count = configuration.styleCount
        guard (0...count).contains(crossover) else {
            throw .invalidArgument("style mixing at layer \(crossover): expected 0 to \(count)")
        }
        let (coarse, fine) = (try latents(first), try latents(second))
        return try Tensor.cat(
            [coarse.narrow(1, 0, crossover), fine.narrow(1, crossover, count - crossover)], dim: 1)
    }
}
