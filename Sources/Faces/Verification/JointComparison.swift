import Torch

/// A learned comparison of a known person's embedding with a probe's: Joint Bayesian (Chen et al. 2012, "Bayesian Face Revisited: A Joint
/// Formulation") beside the cosine.
///
/// A reference x and a probe y are taken for draws of one Gaussian. Both have the covariance T about a mean of their own; those of one
/// face are bound by the cross-covariance B, those of two are not. What is told apart so is not the photo but the treatment: pairs are the
/// same photo without a mask and with one, so that nobody needs to know who is on it. The logarithm of the likelihood ratio,
///
///     L(x, y) = log N([x; y] | [T B; B T]) - log N(x | T) - log N(y | T),
///
/// is a quadratic form: it weighs directions by what a mask leaves of them, and asks more of faces that are like many, which a cosine
/// cannot. L does not know how photos of one person differ; the cosine of a recogniser does. The similarity is therefore
///
///     (1 - share) · cos(x, y) + share · L'(x, y),
///
/// with L' scaled and moved so that it has the mean and deviation of the cosines of two persons.
public struct JointComparison: Sendable, Equatable {
    /// Which of the two kinds of embeddings one is.
    public enum Role: Sendable { case reference, probe }

    /// How a comparison is learned.
    public struct Settings: Sendable, Equatable {
        /// What is added to T's diagonal, as a share of its mean; above 0. Few faces say little of the directions in which they vary least.
        public var shrinkage: Double
        /// Of the likelihood ratio in the similarity, 0…1.
        public var share: Double

        public init(shrinkage: Double = 0.1, share: Double = 0.7) {
            self.shrinkage = shrinkage
            self.share = share
        }
    }

    /// Numbers of an embedding.
    public let dimension: Int
    let referenceMean: [Float]
    let probeMean: [Float]
    /// [dimension, dimension], symmetric: x'Qx and y'Qy are an embedding's own part of the similarity.
    let own: [Float]
    /// [dimension, dimension], symmetric: x'Cy.
    let cross: [Float]
    /// The weight of the cosine.
    let cosine: Float
    let offset: Float

    // MARK: Learning

    /// Learns from the same faces without a mask and with one.
    /// - Parameters:
    ///   - references: of unit length; one for each face.
    ///   - probes: of unit length; of the same faces in the same order.
    /// - Throws: `FacesError.invalidArgument` for fewer faces than three, lists that do not fit, embeddings that are all one or not finite, or
    ///   settings out of range; `TorchError`.
    public init(references: [[Float]], probes: [[Float]], settings: Settings = .init()) throws {
        let count = references.count
        let width = references.first?.count ?? 0
        guard count >= 3, probes.count == count, width > 0,
            (references + probes).allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) })
        else {
            throw FacesError.invalidArgument(
                "a comparison is learned from at least three faces, each with a reference and a probe of one recogniser; got \(count) references and \(probes.count) probes"
            )
        }
        guard settings.shrinkage > 0, settings.shrinkage.isFinite, (0...1).contains(settings.share) else {
            throw FacesError.invalidArgument(
                "shrinkage \(settings.shrinkage) and share \(settings.share): expected a shrinkage above 0 and a share of 0 to 1"
            )
        }
        self = try withoutGradients {
            let x = try Tensor(references.flatMap { $0.map(Double.init) }, shape: [count, width])
            let y = try Tensor(probes.flatMap { $0.map(Double.init) }, shape: [count, width])
            return try Self.learned(x, y, settings)
        }
    }

    private static func learned(_ x: Tensor, _ y: Tensor, _ settings: Settings) throws -> JointComparison {
        let (count, width) = (x.size(0), x.size(1))
        let means = (x: try x.mean([0]), y: try y.mean([0]))
        let (a, b) = (try x - means.x, try y - means.y)
        let total = try (a.transpose(0, 1).matmul(a) + b.transpose(0, 1).matmul(b)) / Double(2 * count)
        let between = try a.transpose(0, 1).matmul(b) / Double(count)
        let variance = try total.diagonal().mean().item()
        guard variance > 1e-12 else {
            throw FacesError.invalidArgument("the embeddings of all \(count) faces are the same")
        }
        let t = try total + Tensor.eye(width, dtype: .float64) * (settings.shrinkage * variance)
        let bound = try (between + between.transpose(0, 1)) / 2
        // [T B; B T] has the inverse [(P + M) / 2, (P - M) / 2; …] with P = (T + B)⁻¹ and M = (T - B)⁻¹.
        let (sum, difference) = (try (t + bound).inverse(), try (t - bound).inverse())
        let own = try (t.inverse() - (sum + difference) / 2) / 2
        let cross = try (difference - sum) / 2

        // The scale: every face with every other one, of so many that their table stays small.
        let rows = Array(0..<Int64(count)).evenlySpaced(2_000)
        let kept = rows.count
        let places = try Tensor(rows, shape: [kept])
        func some(_ rows: Tensor) throws(TorchError) -> Tensor { try rows.indexSelect(0, places) }
        let (c, d) = (try some(a), try some(b))
        let ratios =
            try quadratic(c, own).unsqueeze(1) + quadratic(d, own).unsqueeze(0)
            + c.matmul(cross).matmul(d.transpose(0, 1))
        let cosines = try some(x).matmul(some(y).transpose(0, 1))
        let others = try Tensor.ones([kept, kept], dtype: .float64) - Tensor.eye(kept, dtype: .float64)
        func spread(_ values: Tensor) throws -> (mean: Double, deviation: Double) {
            let total = Double(kept * (kept - 1))
            let mean = try (values * others).sum().item() / total
            let squares = try ((values - mean).square() * others).sum().item() / total
            return (mean, squares.squareRoot())
        }
        let (ratio, cosine) = (try spread(ratios), try spread(cosines))
        let scale = settings.share * cosine.deviation / max(ratio.deviation, 1e-12)
        return try JointComparison(
            dimension: width, referenceMean: means.x.floats(), probeMean: means.y.floats(),
            own: (own * scale).floats(), cross: (cross * scale).floats(), cosine: Float(1 - settings.share),
            offset: Float(settings.share * cosine.mean - scale * ratio.mean))
    }

    /// x'Qx of each row.
    private static func quadratic(_ rows: Tensor, _ form: Tensor) throws(TorchError) -> Tensor {
        try (rows.matmul(form) * rows).sum([1])
    }

    private init(
        dimension: Int, referenceMean: [Float], probeMean: [Float], own: [Float], cross: [Float],
        cosine: Float, offset: Float
    ) {
        self.dimension = dimension
        self.referenceMean = referenceMean
        self.probeMean = probeMean
        self.own = own
        self.cross = cross
        self.cosine = cosine
        self.offset = offset
    }

    // MARK: Comparing

    /// What the one photo of a pair is compared by: its dot product with the other's `right` is the similarity.
    /// - Parameters:
    ///   - embedding: of unit length, [dimension].
    ///   - role: what the embedding is. References and probes may stand on either side, and on both.
    /// - Returns: 2 · dimension + 2 numbers.
    /// - Throws: `FacesError.invalidArgument` for an embedding of another length.
    public func left(_ embedding: [Float], as role: Role) throws(FacesError) -> [Float] {
        let moved = try moved(embedding, role)
        return Self.product(cross, moved) + [1, alone(moved) + offset]
            + embedding.map { cosine * $0 }
    }

    /// What the other photo of a pair is compared by.
    /// - Returns: 2 · dimension + 2 numbers.
    /// - Throws: `FacesError.invalidArgument` for an embedding of another length.
    public func right(_ embedding: [Float], as role: Role) throws(FacesError) -> [Float] {
        let moved = try moved(embedding, role)
        return moved + [alone(moved), 1] + embedding
    }

    private func moved(_ embedding: [Float], _ role: Role) throws(FacesError) -> [Float] {
        guard embedding.count == dimension else {
            throw .invalidArgument(
                "an embedding of \(embedding.count) numbers, but the comparison was learned from such of \(dimension): it belongs to another recogniser"
            )
        }
        return zip(embedding, role == .reference ? referenceMean : probeMean).map { $0 - $1 }
    }

    /// An embedding's own part of every similarity.
    private func alone(_ moved: [Float]) -> Float {
        zip(Self.product(own, moved), moved).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private static func product(_ matrix: [Float], _ vector: [Float]) -> [Float] {
        let width = vector.count
        return (0..<width).map { row in
            var sum: Float = 0
            for column in 0..<width { sum += matrix[row * width + column] * vector[column] }
            return sum
        }
    }

    // MARK: Files

    /// The tensors of a file.
    func tensors() throws(TorchError) -> [String: Tensor] {
        func half(_ values: [Float], _ shape: [Int]) throws(TorchError) -> Tensor {
            try Tensor(values: values, shape: shape).to(dtype: .float16)
        }
        return [
            "reference_mean": try half(referenceMean, [dimension]),
            "probe_mean": try half(probeMean, [dimension]),
            "own": try half(own, [dimension, dimension]),
            "cross": try half(cross, [dimension, dimension]),
            "cosine": try Tensor(values: [cosine], shape: [1]),
            "offset": try Tensor(values: [offset], shape: [1]),
        ]
    }

    /// - Parameter tensors: as `tensors()` gives them.
    /// - Throws: `FacesError.invalidArgument` naming the key that is missing, of another shape or not finite.
    init(tensors: [String: Tensor]) throws {
        let width = tensors["reference_mean"]?.count ?? 0
        func numbers(_ key: String, _ shape: [Int]) throws -> [Float] {
            guard let tensor = tensors[key], tensor.shape == shape, tensor.dtype.isFloatingPoint else {
                throw FacesError.invalidArgument(
                    "'\(key)' is \(tensors[key].map { "\($0.shape)" } ?? "missing"), expected floating-point \(shape)"
                )
            }
            let values = try tensor.floats()
            guard values.allSatisfy(\.isFinite) else {
                throw FacesError.invalidArgument("'\(key)' holds numbers that are not finite")
            }
            return values
        }
        self.init(
            dimension: width, referenceMean: try numbers("reference_mean", [max(width, 1)]),
            probeMean: try numbers("probe_mean", [width]), own: try numbers("own", [width, width]),
            cross: try numbers("cross", [width, width]), cosine: try numbers("cosine", [1])[0],
            offset: try numbers("offset", [1])[0])
    }
}
