import Imaging
import NN
import Torch
import Training

extension UnmaskerTask {
    /// Faces drawn by the averaged networks, brought to full size, and the predicted alpha.
    private func recover(_ faces: UnmaskerBatch, size: Int) throws -> (image: Tensor, alpha: Tensor) {
        let model = networks.average.average
        return try withoutGradients {
            let encoded = try model.encoder.encode(faces.input)
            var image = try model.generator.synthesize(
                encoded.latents, noise: .none, maximumSize: size, featureOffsets: encoded.featureOffsets)
            if size != model.size { image = try image.interpolate(size: [model.size, model.size]) }
            let alpha = try encoded.maskAlpha(size: model.size) ?? faces.alpha.zerosLike()
            return (image, alpha)
        }
    }

    private func stageSize(after step: Int) -> Int { training.stage(at: max(0, step - 1)).stage.size }

    /// Of the averaged networks on the held-back faces: mean absolute difference (0…1) and LPIPS over the hidden region, the mask's
    /// intersection over union, and the cosine of the identity loss's recognisers (those that training uses).
    public func validate() throws -> [String: Double] {
        let batches = try validationFaces ?? data.heldBack()
        validationFaces = batches
        let size = stageSize(after: steps)
        var sums: [String: Double] = [:]
        var count = 0
        for faces in batches {
            try withoutGradients {
                let (image, predicted) = try recover(faces, size: size)
                let hidden = try faces.alpha.sum([1, 2, 3]).clamp(min: 1e-6)
                let difference = try ((image - faces.clean).abs().mean([1], keepdim: true) * faces.alpha)
                    .sum([1, 2, 3])
                var values = ["l1": try (difference / hidden * 0.5).sum()]
                if let lpips = networks.perceptual {
                    values["lpips"] = try lpips(image, faces.clean, weights: faces.alpha).sum()
                }
                let (mine, truth) = (
                    try predicted.ge(0.5).to(dtype: .float32), try faces.alpha.ge(0.5).to(dtype: .float32)
                )
                let both = try (mine * truth).sum([1, 2, 3])
                let either = try (mine + truth).sum([1, 2, 3]) - both
                values["mask iou"] = try (both / either.clamp(min: 1)).sum()
                if var identity = networks.identity {
                    // One fixed view, so that validations compare with each other.
                    identity.augmentation = nil
                    let judged = try composite(image, over: faces.clean, alpha: faces.alpha)
                    let loss = try identity(judged, targets: identity.targets(faces.clean))
                    values["identity cosine"] = try (1 - loss) * Double(faces.count)
                }
                for (name, value) in values { sums[name, default: 0] += try value.item() }
            }
            count += faces.count
        }
        return sums.mapValues { $0 / Double(max(count, 1)) }
    }

    /// Two held-back faces a row: what the encoder sees, predicted mask, drawn face, recovered face, truth.
    public func sampleGrid() throws -> Image? {
        let batches = try sheetFaces ?? data.heldBack(limit: 16)
        sheetFaces = batches
        guard !batches.isEmpty else { return nil }
        let size = stageSize(after: steps)
        var images: [Image] = []
        for faces in batches {
            let (drawn, alpha) = try recover(faces, size: size)
            let blended = try composite(drawn, over: faces.input, alpha: alpha)
            let mask = try (alpha * 2 - 1).expand([-1, 3, -1, -1])
            let columns = [faces.input, mask, drawn, blended, faces.clean]
            for index in 0..<faces.count {
                for column in columns { images.append(try Image(face: column.select(0, index))) }
            }
        }
        var style = Panel.Style()
        (style.gap, style.margin) = (2, 4)
        return try Panel.grid(
            images, columns: 10, title: "photo, mask, drawn, recovered, truth", style: style)
    }
}
