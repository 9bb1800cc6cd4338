import Torch

extension OperationCase {
    static let arithmetic: [OperationCase] = [
        one("add") { try $0[0] + $0[1] },
        one("sub") { try $0[0] - $0[1] },
        one("mul") { try $0[0] * $0[1] },
        one("div") { try $0[0] / $0[1] },
        one("addBroadcast") { try $0[0] + $0[1] },
        one("divBroadcast") { try $0[0] / $0[1] },
        one("addScalar") { try $0[0] + 1.5 },
        one("subScalar") { try $0[0] - 1.5 },
        one("mulScalar") { try $0[0] * -2.5 },
        one("divScalar") { try $0[0] / 3 },
        one("scalarAdd") { try 1.5 + $0[0] },
        one("scalarSub") { try 1.5 - $0[0] },
        one("scalarMul") { try 2.5 * $0[0] },
        one("scalarDiv") { try 2.5 / $0[0] },
        one("neg") { try -$0[0] },
        one("integerAdd") { try $0[0] + 2 },
        one("integerRsub") { try 5 - $0[0] },
        one("integerMul") { try $0[0] * 3 },
        one("integerDiv") { try $0[0] / 2 },
        one("integerFraction") { try $0[0] * 0.5 },
        one("integerClamp") { try $0[0].clamp(min: -2, max: 3) },
        one("integerFill") { try $0[0].maskedFill(try $0[0].gt(0), 7) },
        one("integerInPlace") {
            try $0[0].clone().add_($0[0], alpha: 2).sub_($0[0], alpha: 3).mul_(3).add_(1)
        },
        one("abs") { try $0[0].abs() },
        one("exp") { try $0[0].exp() },
        one("sin") { try $0[0].sin() },
        one("cos") { try $0[0].cos() },
        one("tanh") { try $0[0].tanh() },
        one("square") { try $0[0].square() },
        one("sqrt") { try $0[0].sqrt() },
        one("rsqrt") { try $0[0].rsqrt() },
        one("log") { try $0[0].log() },
        one("log1p") { try $0[0].log1p() },
        one("reciprocal") { try $0[0].reciprocal() },
        one("acos") { try $0[0].acos() },
        one("pow") { try $0[0].pow(2.5) },
        one("sign") { try $0[0].sign() },
        one("floor") { try $0[0].floor() },
        one("round") { try $0[0].round() },
        one("clamp") { try $0[0].clamp(min: -0.5, max: 0.8) },
        one("clampMin") { try $0[0].clamp(min: -0.5) },
        one("clampMax") { try $0[0].clamp(max: 0.8) },
        one("maximum") { try $0[0].maximum($0[1]) },
        one("minimum") { try $0[0].minimum($0[1]) },
        one("lerp") { try $0[0].lerp($0[1], 0.3) },
        OperationCase("inPlace") {
            let (x, y) = ($0[0], $0[1])
            return [
                try x.clone().add_(y, alpha: 0.5), try x.clone().sub_(y, alpha: 2), try x.clone().mul_(y),
                try x.clone().add_(1.5), try x.clone().mul_(-2), try x.clone().clamp_(min: -0.5, max: 0.5),
                try x.clone().lerp_(y, 0.25), try x.clone().zero_(), try x.clone().fill_(4),
                try x.clone().copy_(y[0..<1]),
            ]
        },
    ]

    static let comparisons: [OperationCase] = [
        OperationCase("integerCompare") { [try $0[0].eq(16_777_217), try $0[0].gt(16_777_216)] },
        OperationCase("compare") {
            let (x, y) = ($0[0], $0[1])
            return [try x.eq(y), try x.ne(y), try x.lt(y), try x.le(y), try x.gt(y), try x.ge(y)]
        },
        OperationCase("compareScalar") {
            let x = $0[0]
            return [try x.eq(1), try x.ne(1), try x.lt(1), try x.le(1), try x.gt(1), try x.ge(1)]
        },
        OperationCase("logical") { [try $0[0].logicalNot(), try $0[0].logicalAnd($0[1])] },
        one("isFinite") { try $0[0].isFinite() },
        one("where") { try $0[1].whereSelf($0[0], $0[2]) },
        one("maskedFill") { try $0[0].maskedFill($0[1], -3.5) },
    ]

    static let reductions: [OperationCase] = [
        one("sum") { try $0[0].sum() },
        one("sumDims") { try $0[0].sum([0, 2]) },
        one("sumKeep") { try $0[0].sum([-1], keepdim: true) },
        one("mean") { try $0[0].mean() },
        one("meanDims") { try $0[0].mean([1]) },
        one("variance") { try $0[0].variance([1, 2]) },
        one("variancePopulation") { try $0[0].variance([0], correction: 0, keepdim: true) },
        one("std") { try $0[0].std([2]) },
        one("norm") { try $0[0].norm() },
        one("normOne") { try $0[0].norm([1], p: 1) },
        one("normInfinity") { try $0[0].norm([2], p: .infinity, keepdim: true) },
        one("logsumexp") { try $0[0].logsumexp([1]) },
        one("amax") { try $0[0].amax([0, 1]) },
        one("amin") { try $0[0].amin() },
        OperationCase("arg") {
            [try $0[0].argmax(), try $0[0].argmax(1), try $0[0].argmin(2, keepdim: true)]
        },
        one("cumsum") { try $0[0].cumsum(1) },
        OperationCase("sort") { pair(try $0[0].sort(descending: true)) },
        OperationCase("sortDim") { pair(try $0[0].sort(dim: 0)) },
        OperationCase("sortStable") { pair(try $0[0].sort()) },
        OperationCase("topk") { pair(try $0[0].topk(2)) },
        OperationCase("topkSmallest") { pair(try $0[0].topk(3, dim: 1, largest: false)) },
    ]

    private static func pair(_ result: (values: Tensor, indices: Tensor)) -> [Tensor] {
        [result.values, result.indices]
    }

    static let algebra: [OperationCase] = [
        one("matmul") { try $0[0].matmul($0[1]) },
        one("matmulBatch") { try $0[0].matmul($0[1]) },
        one("matmulVector") { try $0[0].matmul($0[1]) },
        one("bmm") { try $0[0].bmm($0[1]) },
        one("addmm") { try $0[0].addmm($0[1], $0[2]) },
        one("einsum") { try Tensor.einsum("bij,bkj->bik", $0) },
        one("inverse") { try $0[0].inverse() },
        one("solve") { try $0[0].solve($0[1]) },
        one("eigenvalues") { try ($0[0] + $0[0].transpose(0, 1)).eigh().values },
        one("singularValues") { try $0[0].svd().s },
        one("cdist") { try $0[0].cdist($0[1]) },
        one("l2Normalised") { try $0[0].l2Normalised(dim: 1) },
        one("linear") { try $0[0].linear($0[1], $0[2]) },
    ]
}
