import Imaging
import Torch

extension Unmasker {
    /// What the networks make of many aligned crops in one forward pass; noise and refinement, which belong to single faces, are
    /// left out.
    /// - Parameter crops: each [3, s, s] in 0…1.
    /// - Throws: `UnmaskingError.configuration` for a crop of another size, `TorchError`.
    public func draw(_ crops: [FloatImage]) throws -> [FaceDrawing] {
        guard !crops.isEmpty else { return [] }
        let input = try input(crops)
        let recovery = try noGrad { () throws(TorchError) in try model.recover(input) }
        return try drawings(recovery.image, alpha: recovery.alpha)
    }

    /// Crops as the networks take them, [batch, 3, s, s] in -1…1.
    func input(_ crops: [FloatImage]) throws -> Tensor {
        for crop in crops where crop.channels != 3 || crop.width != model.size || crop.height != model.size {
            throw UnmaskingError.configuration(
                "aligned face of \(crop.width)x\(crop.height) with \(crop.channels) channels: expected \(model.size)x\(model.size) RGB"
            )
        }
        let shape = [crops.count, 3, model.size, model.size]
        return try Tensor(values: crops.flatMap(\.data), shape: shape, device: device) * 2 - 1
    }

    /// What the networks made, face by face.
    /// - Parameters:
    ///   - image: [batch, 3, s, s] in -1…1.
    ///   - alpha: [batch, 1, s, s].
    func drawings(_ image: Tensor, alpha: Tensor) throws -> [FaceDrawing] {
        let (size, plane) = (model.size, model.size * model.size)
        let drawn = try (image * 0.5 + 0.5).clamp(min: 0, max: 1).floats()
        let alphas = try alpha.floats()
        return try (0..<image.size(0)).map { index in
            FaceDrawing(
                drawn: try FloatImage(
                    width: size, height: size, channels: 3,
                    data: Array(drawn[(3 * plane * index)..<(3 * plane * (index + 1))])),
                alpha: try FloatImage(
                    width: size, height: size, channels: 1,
                    data: Array(alphas[(plane * index)..<(plane * (index + 1))])))
        }
    }
}
