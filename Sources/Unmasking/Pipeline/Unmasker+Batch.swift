import Imaging
import Torch

extension Unmasker {
    /// What the networks make of many aligned crops in one forward pass; noise and refinement, which belong to single faces, are
    /// left out.
    /// - Parameter crops: each [3, s, s] in 0…1.
    /// - Throws: `UnmaskingError.configuration` for a crop of another size, `TorchError`.
    public func draw(_ crops: [FloatImage]) throws -> [FaceDrawing] {
        guard !crops.isEmpty else { return [] }
        for crop in crops where crop.channels != 3 || crop.width != model.size || crop.height != model.size {
            throw UnmaskingError.configuration(
                "aligned face of \(crop.width)x\(crop.height) with \(crop.channels) channels: expected \(model.size)x\(model.size) RGB"
            )
        }
        let size = model.size
        let input = try Tensor(
            values: crops.flatMap(\.data), shape: [crops.count, 3, size, size], device: device)
        let (drawn, alpha) = try noGrad { () throws(TorchError) in
            let recovery = try model.recover(input * 2 - 1)
            return (
                try (recovery.image * 0.5 + 0.5).clamp(min: 0, max: 1).floats(), try recovery.alpha.floats()
            )
        }
        let plane = size * size
        return try crops.indices.map { index in
            FaceDrawing(
                drawn: try FloatImage(
                    width: size, height: size, channels: 3,
                    data: Array(drawn[(3 * plane * index)..<(3 * plane * (index + 1))])),
                alpha: try FloatImage(
                    width: size, height: size, channels: 1,
                    data: Array(alpha[(plane * index)..<(plane * (index + 1))])))
        }
    }
}
