import Torch

/// Squared distances among all images of one set, for neighbourhood methods.
protocol PairwiseDistances {
    var count: Int { get }
    /// Row-major [range.count, count].
    func rows(_ range: Range<Int>) throws -> [Float]
    func distance(_ i: Int, _ j: Int) -> Float
}

/// From a symmetric matrix.
struct PairwiseMatrix: PairwiseDistances {
    let count: Int
    let values: [Float]

    func rows(_ range: Range<Int>) -> [Float] {
        Array(values[(range.lowerBound * count)..<(range.upperBound * count)])
    }
    func distance(_ i: Int, _ j: Int) -> Float { values[i * count + j] }
}

/// From feature vectors of unit length: |a - b|² = 2 - 2 a·b.
struct PairwiseFeatures: PairwiseDistances {
    let count: Int
    private let dimension: Int
    private let features: Tensor
    private let values: [Float]

    init(_ features: Tensor) throws(TorchError) {
        let unit = try noGrad { () throws(TorchError) in
            try features.detach().to(dtype: .float32).l2Normalised(dim: 1).contiguous()
        }
        self.features = unit
        values = try unit.floats()
        count = unit.size(0)
        dimension = unit.size(1)
    }

    func rows(_ range: Range<Int>) throws -> [Float] {
        try noGrad { () throws(TorchError) in
            let part = try features.narrow(0, range.lowerBound, range.count)
            return try (2 - part.matmul(features.transpose(0, 1)) * 2).clamp(min: 0).floats()
        }
    }

    func distance(_ i: Int, _ j: Int) -> Float {
        values.withUnsafeBufferPointer { values in
            var product: Float = 0
            for k in 0..<dimension { product += values[i * dimension + k] * values[j * dimension + k] }
            return max(0, 2 - 2 * product)
        }
    }
}
