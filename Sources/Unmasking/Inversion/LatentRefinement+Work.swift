import Foundation
import NN
import Torch

extension LatentRefinement {
    /// One refinement of one batch: what stays the same over its steps, and the best codes so far.
    final class Work {
        private let settings: LatentRefinement
        private let networks: Networks
        private let noise: NoiseInput
        private let photo: Tensor
        /// 1 where visible, [batch, 1, s, s].
        private let visible: Tensor
        private let visibleColours: Tensor
        private let start: EncodedFace
        private let resolutions: [Int]
        /// Units of the moves, [batch, 1, 1] of the codes and [batch, 1, 1, 1] of each resolution's features.
        private let unit: Tensor
        private let featureUnits: [Tensor]
        /// Moves in these units: of the codes, then of the features.
        private var best: [Tensor]
        private var bestObjective: Tensor
        private var before: RefinedFace.Measure

        private struct Terms {
            /// All [batch].
            var pixel: Tensor
            var perceptual: Tensor?
            var prior: Tensor
            var objective: Tensor

            func measure() throws(TorchError) -> RefinedFace.Measure {
                RefinedFace.Measure(
                    pixel: try pixel.mean().item(), perceptual: try perceptual?.mean().item(),
                    prior: try prior.mean().item())
            }
        }

        init(
            _ settings: LatentRefinement, _ encoded: EncodedFace, _ photo: Tensor, _ alpha: Tensor?,
            _ networks: Networks, _ noise: NoiseInput
        ) throws {
            let batch = encoded.latents.size(0)
            guard photo.rank == 4, photo.size(0) == batch, photo.size(1) == 3 else {
                throw TorchError.invalidArgument(
                    "refinement of \(batch) codes with photos \(photo.shape): expected [\(batch), 3, s, s]")
            }
            let plane = [batch, 1, photo.size(2), photo.size(3)]
            if let alpha, alpha.shape != plane {
                throw TorchError.invalidArgument("refinement with mask \(alpha.shape): expected \(plane)")
            }
            self.settings = settings
            self.networks = networks
            self.noise = noise
            self.photo = photo
            visible =
                try alpha?.detach().lt(settings.visibleBelow).to(dtype: photo.dtype)
                ?? .ones(plane, dtype: photo.dtype, device: photo.device)
            visibleColours = try (visible.sum([1, 2, 3]) * 3).clamp(min: 1)
            start = encoded
            let resolutions = settings.refinesFeatures ? encoded.featureOffsets.keys.sorted() : []
            self.resolutions = resolutions
            let mean = try networks.meanLatent.reshape([1, -1, encoded.latents.size(2)])
            (unit, featureUnits) = try noGrad { () throws(TorchError) in
                let features = try resolutions.map { (resolution) throws(TorchError) in
                    try Self.size(of: encoded.featureOffsets[resolution] ?? encoded.latents, rank: 4)
                }
                return (try Self.size(of: encoded.latents - mean, rank: 3), features)
            }
            best = try [encoded.latents.zerosLike()]
            for resolution in resolutions {
                if let offset = encoded.featureOffsets[resolution] { best.append(try offset.zerosLike()) }
            }
            before = RefinedFace.Measure(pixel: 0, perceptual: nil, prior: 0)
            bestObjective = try .zeros([batch], device: photo.device)
            try withoutGradients {
                let terms = try self.terms(best)
                bestObjective = terms.objective
                before = try terms.measure()
            }
        }

        /// Root mean square of everything but the first dimension, [batch, 1, …]; never zero, so that moves have a unit.
        private static func size(of x: Tensor, rank: Int) throws(TorchError) -> Tensor {
            let dims = Array(1..<rank)
            return try (x.square().mean(dims, keepdim: true) + 1e-8).sqrt()
        }

        /// The codes that moves lead to.
        private func moved(_ moves: [Tensor]) throws(TorchError) -> EncodedFace {
            var face = start
            face.latents = try start.latents + moves[0] * unit
            for (index, resolution) in resolutions.enumerated() {
                guard let offset = start.featureOffsets[resolution] else { continue }
                face.featureOffsets[resolution] = try offset + moves[index + 1] * featureUnits[index]
            }
            return face
        }

        private func draw(_ face: EncodedFace) throws(TorchError) -> Tensor {
            try networks.generator.synthesize(
                face.latents, noise: noise, featureOffsets: face.featureOffsets)
        }

        /// A drawing at the photo's size.
        private func fitted(_ image: Tensor) throws(TorchError) -> Tensor {
            let size = [photo.size(2), photo.size(3)]
            guard [image.size(2), image.size(3)] != size else { return image }
            return try image.interpolate(size: size, mode: image.size(2) > size[0] ? .area : .bilinear)
        }

        private func terms(_ moves: [Tensor]) throws -> Terms {
            let drawn = try fitted(draw(moved(moves)))
            let pixel = try ((drawn - photo).abs() * visible).sum([1, 2, 3]) / visibleColours
            var perceptual: Tensor?
            if let lpips = networks.lpips, settings.perceptual > 0 {
                // The features of a visible pixel reach under the mask: both sides show the same there.
                let target = try photo * visible + drawn.detach() * (1 - visible)
                perceptual = try lpips.distance(
                    lpips.features(of: drawn), lpips.features(of: target), weights: visible)
            }
            var prior = try moves[0].square().mean([1, 2])
            for move in moves.dropFirst() { prior = try prior + move.square().mean([1, 2, 3]) }
            var objective = try pixel * settings.pixel + prior * settings.prior
            if let perceptual { objective = try objective + perceptual * settings.perceptual }
            return Terms(pixel: pixel, perceptual: perceptual, prior: prior, objective: objective)
        }

        /// Keeps the moves of those images whose objective became lower.
        private func keep(_ moves: [Tensor], _ objective: Tensor) throws(TorchError) {
            try noGrad { () throws(TorchError) in
                let better = try objective.lt(bestObjective)
                bestObjective = try objective.detach().whereSelf(better, bestObjective)
                for (index, move) in moves.enumerated() {
                    let flags = try better.reshape([-1] + [Int](repeating: 1, count: move.rank - 1))
                    best[index] = try move.detach().whereSelf(flags, best[index])
                }
            }
        }

        // MARK: Optimisation

        func optimise() throws {
            let moves = try best.map { (move) throws(TorchError) in
                try move.detach().clone().requiresGrad_()
            }
            let optimizer = Adam(moves, rate: settings.rate, betas: (0.9, 0.99))
            for step in 0..<settings.steps {
                let terms = try terms(moves)
                let total = try terms.objective.sum()
                guard try total.item().isFinite else {
                    let measure = try terms.measure()
                    throw UnmaskingError.configuration(
                        "latent refinement: the objective is no number at step \(step) (pixel \(measure.pixel), perceptual \(measure.perceptual ?? 0), prior \(measure.prior)): lower the rate"
                    )
                }
                try keep(moves, terms.objective)
                // Only the moves are asked for: the networks' parameters collect nothing.
                let gradients = try Autograd.grad(outputs: [total], inputs: moves)
                for (move, gradient) in zip(moves, gradients) { try move.setGrad(gradient) }
                optimizer.setFactor(0.5 * (1 + cos(Double.pi * Double(step) / Double(settings.steps))))
                try optimizer.step()
            }
            try withoutGradients { try keep(moves, terms(moves).objective) }
        }

        // MARK: Iteration

        func iterate() throws {
            guard let encoder = networks.encoder else {
                throw UnmaskingError.configuration(
                    "latent refinement by \(settings.iterations) iterations: expected an encoder to iterate with"
                )
            }
            try withoutGradients {
                var face = start
                for _ in 0..<settings.iterations {
                    let drawn = try fitted(draw(face))
                    let next: EncodedFace
                    if encoder.inputChannels == 6 {
                        next = try encoder.encode(
                            Tensor.cat([photo, drawn], dim: 1), activeDeltas: nil, previous: face.latents)
                    } else {
                        let seen = try encoder.encode(photo * (1 - visible) + drawn * visible)
                        next = try corrected(face, by: seen)
                    }
                    var moves = [try (next.latents - start.latents) / unit]
                    for (index, resolution) in resolutions.enumerated() {
                        guard let from = start.featureOffsets[resolution],
                            let to = next.featureOffsets[resolution]
                        else { continue }
                        moves.append(try (to - from) / featureUnits[index])
                    }
                    // Faces that became worse go on from where they were best.
                    try keep(moves, terms(moves).objective)
                    face = try moved(best)
                }
            }
        }

        /// face + what the encoder reads from the photo - what it reads from the drawing.
        private func corrected(_ face: EncodedFace, by seen: EncodedFace) throws(TorchError) -> EncodedFace {
            var next = face
            next.latents = try face.latents + start.latents - seen.latents
            for resolution in resolutions {
                guard let now = face.featureOffsets[resolution], let from = start.featureOffsets[resolution],
                    let read = seen.featureOffsets[resolution]
                else { continue }
                next.featureOffsets[resolution] = try now + from - read
            }
            return next
        }

        func result() throws -> RefinedFace {
            try withoutGradients {
                let face = try moved(best)
                return RefinedFace(
                    encoded: face, image: try draw(face), before: before, after: try terms(best).measure())
            }
        }
    }
}
