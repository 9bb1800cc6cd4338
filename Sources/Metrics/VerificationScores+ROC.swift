import Foundation

extension VerificationScores {
    /// The receiver operating characteristic, from nothing accepted to everything accepted: one point per distinct score.
    public func roc() -> [ROCPoint] {
        var points: [ROCPoint] = []
        forEachPoint { points.append($0) }
        return points
    }

    /// The curve thinned for drawing: at most about `limit` points, spread over the logarithm of the FAR as well as over
    /// the TAR; the first and last point are kept.
    public func roc(limit: Int) -> [ROCPoint] {
        let all = roc()
        guard all.count > limit, limit > 2 else { return all }
        let half = Double(limit / 2)
        let floor = 1 / Double(impostor.count)
        var kept: [ROCPoint] = []
        var last = (far: -1, tar: -1)
        for point in all.dropLast() {
            // 0 at the smallest measurable FAR, 1 at FAR 1.
            let depth = floor < 1 ? 1 - log(max(point.far, floor)) / log(floor) : point.far
            let cell = (far: Int(depth * half), tar: Int(point.tar * half))
            if cell != last { kept.append(point) }
            last = cell
        }
        return kept + all.suffix(1)
    }

    /// Probability that a same-person pair scores above a different-person pair, ties counted half: the area under the curve.
    public var auc: Double {
        var doubledWins = 0
        var (below, notAbove) = (0, 0)
        for score in genuine {
            while below < impostor.count, impostor[below] < score { below += 1 }
            notAbove = max(notAbove, below)
            while notAbove < impostor.count, impostor[notAbove] == score { notAbove += 1 }
            doubledWins += below + notAbove
        }
        return Double(doubledWins) / 2 / Double(genuine.count) / Double(impostor.count)
    }

    /// Equal error rate: the error where the straight-line ROC meets FAR = 1 - TAR.
    public var eer: Double {
        var before = ROCPoint(far: 0, tar: 0, threshold: .infinity)
        var result = 0.0
        var isFound = false
        forEachPoint { point in
            guard !isFound else { return }
            let (gapBefore, gap) = (1 - before.tar - before.far, 1 - point.tar - point.far)
            if gap <= 0 {
                let share = gapBefore == gap ? 0 : gapBefore / (gapBefore - gap)
                result = before.far + share * (point.far - before.far)
                isFound = true
            }
            before = point
        }
        return result
    }

    /// Walks down the distinct scores of both kinds.
    private func forEachPoint(_ body: (ROCPoint) -> Void) {
        body(ROCPoint(far: 0, tar: 0, threshold: .infinity))
        var (g, i) = (genuine.count, impostor.count)
        while g > 0 || i > 0 {
            let threshold = max(g > 0 ? genuine[g - 1] : -.infinity, i > 0 ? impostor[i - 1] : -.infinity)
            while g > 0, genuine[g - 1] == threshold { g -= 1 }
            while i > 0, impostor[i - 1] == threshold { i -= 1 }
            body(
                ROCPoint(
                    far: Double(impostor.count - i) / Double(impostor.count),
                    tar: Double(genuine.count - g) / Double(genuine.count), threshold: threshold))
        }
    }
}
