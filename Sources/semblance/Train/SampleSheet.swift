import Faces
import Imaging
import Torch
import Unmasking

/// A sheet of held-back faces while training: the encoder's input, the drawn face, the recovered face, the truth.
enum SampleSheet {
    static func write(
        _ model: UnmaskingModel, maker: UnmaskerBatchMaker, stage: UnmaskerStage, to path: String
    ) throws {
        let batch = try maker.heldBack(count: 16)
        guard batch.count > 0 else { return }
        let recovery = try noGrad { () throws(TorchError) in try model.recover(batch.input) }
        var drawn = recovery.image
        if stage.size != model.size {
            drawn = try noGrad { () throws(TorchError) in
                try model.generator.synthesize(
                    recovery.encoded.latents, noise: .none, maximumSize: stage.size,
                    featureOffsets: recovery.encoded.featureOffsets
                ).interpolate(size: [model.size, model.size])
            }
        }
        let blended = try composite(drawn, over: batch.input, alpha: recovery.alpha)
        let alpha = try (recovery.alpha * 2 - 1).expand([-1, 3, -1, -1])
        let columns = try Tensor.cat([batch.input, alpha, drawn, blended, batch.clean], dim: 3)
        // Two faces per row.
        let rows = try columns.reshape([batch.count / 2, 2, 3, model.size, 5 * model.size]).permute([
            2, 0, 3, 1, 4,
        ])
        let height = batch.count / 2 * model.size
        let width = 10 * model.size
        let values = try (rows.reshape([3, height, width]) * 0.5 + 0.5).floats()
        try FloatImage(width: width, height: height, channels: 3, data: values).image().writePNG(path)
    }
}
