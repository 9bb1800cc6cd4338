import Torch

extension OperationCase {
    static let convolutions: [OperationCase] = [
        one("conv") { try $0[0].conv2d($0[1], bias: $0[2]) },
        one("convNoBias") { try $0[0].conv2d($0[1], stride: 2, padding: 1) },
        one("convSides") { try $0[0].conv2d($0[1], stride: [2, 1], padding: [1, 0], dilation: [1, 2]) },
        one("convDilated") { try $0[0].conv2d($0[1], bias: $0[2], padding: 2, dilation: 2) },
        one("convGroups") { try $0[0].conv2d($0[1], bias: $0[2], groups: 2) },
        one("convDepthwise") { try $0[0].conv2d($0[1], padding: 1, groups: 4) },
        one("convTranspose") {
            try $0[0].convTranspose2d($0[1], bias: $0[2], stride: 2, padding: 1, outputPadding: 1)
        },
        one("convTransposeGroups") { try $0[0].convTranspose2d($0[1], bias: $0[2], stride: 2, groups: 2) },
        one("convTransposeDilated") { try $0[0].convTranspose2d($0[1], padding: 1, dilation: 2) },
    ]

    static let pooling: [OperationCase] = [
        one("maxPool") { try $0[0].maxPool2d(kernel: 2) },
        one("maxPoolCeil") { try $0[0].maxPool2d(kernel: 3, stride: 2, padding: 1, ceilMode: true) },
        one("avgPool") { try $0[0].avgPool2d(kernel: 3, stride: 2, padding: 1) },
        one("avgPoolCeil") { try $0[0].avgPool2d(kernel: 2, ceilMode: true) },
        one("avgPoolInside") {
            try $0[0].avgPool2d(kernel: 3, stride: 1, padding: 1, countIncludePad: false)
        },
        one("adaptiveAvgPool") { try $0[0].adaptiveAvgPool2d([3, 2]) },
        one("adaptiveMaxPool") { try $0[0].adaptiveMaxPool2d([3, 2]) },
    ]

    static let resampling: [OperationCase] =
        interpolations + gridSamples + [
            one("affineGrid") { try Tensor.affineGrid($0[0], size: [2, 3, 4, 5]) },
            one("affineGridCorners") {
                try Tensor.affineGrid($0[0], size: [2, 3, 4, 5], alignCorners: true)
            },
            one("padConstant") { try $0[0].pad([1, 2, 0, 3], value: 1.5) },
            one("padCrop") { try $0[0].pad([-1, 2, -2, 0]) },
            one("padReflect") { try $0[0].pad([1, 2, 3, 1], mode: .reflect) },
            one("padReplicate") { try $0[0].pad([1, 2, 3, 1], mode: .replicate) },
            one("pixelShuffle") { try $0[0].pixelShuffle(2) },
        ]

    private static let interpolations: [OperationCase] = [[4, 3], [9, 11]].flatMap { size in
        let modes: [(String, InterpolationMode)] = [
            ("nearest", .nearest), ("bilinear", .bilinear), ("bicubic", .bicubic), ("area", .area),
        ]
        return modes.flatMap { label, mode in
            let name = "interpolate.\(label).\(size[0])"
            let plain = one(name) { try $0[0].interpolate(size: size, mode: mode) }
            guard mode == .bilinear || mode == .bicubic else { return [plain] }
            return [
                plain,
                one("\(name).corners") { try $0[0].interpolate(size: size, mode: mode, alignCorners: true) },
                one("\(name).antialias") { try $0[0].interpolate(size: size, mode: mode, antialias: true) },
            ]
        }
    }

    private static let gridSamples: [OperationCase] = {
        let modes: [(String, InterpolationMode)] = [
            ("nearest", .nearest), ("bilinear", .bilinear), ("bicubic", .bicubic),
        ]
        let paddings: [(String, PaddingMode)] = [
            ("zeros", .constant), ("border", .replicate), ("reflection", .reflect),
        ]
        return modes.flatMap { label, mode in
            paddings.flatMap { border, padding in
                [false, true].map { corners in
                    one("gridSample.\(label).\(border)" + (corners ? ".corners" : "")) {
                        try $0[0].gridSample($0[1], mode: mode, padding: padding, alignCorners: corners)
                    }
                }
            }
        }
    }()

    static let activations: [OperationCase] = [
        one("relu") { try $0[0].relu() },
        one("relu6") { try $0[0].relu6() },
        one("gelu") { try $0[0].gelu() },
        one("silu") { try $0[0].silu() },
        one("hardswish") { try $0[0].hardswish() },
        one("softplus") { try $0[0].softplus() },
        one("sigmoid") { try $0[0].sigmoid() },
        one("leakyReLU") { try $0[0].leakyReLU(0.2) },
        one("prelu") { try $0[0].prelu($0[1]) },
        one("softmax") { try $0[0].softmax(1) },
        one("logSoftmax") { try $0[0].logSoftmax(-1) },
    ]

    static let normalisation: [OperationCase] = [
        OperationCase("batchNorm") {
            let (mean, variance) = (try $0[3].clone(), try $0[4].clone())
            let out = try $0[0].batchNorm(
                weight: $0[1], bias: $0[2], runningMean: mean, runningVariance: variance, training: true,
                momentum: 0.3)
            return [out, mean, variance]
        },
        one("batchNormEvaluation") {
            try $0[0].batchNorm(
                weight: $0[1], bias: $0[2], runningMean: $0[3], runningVariance: $0[4], training: false,
                eps: 1e-3)
        },
        one("layerNorm") { try $0[0].layerNorm([3, 2], weight: $0[1], bias: $0[2]) },
        one("groupNorm") { try $0[0].groupNorm(2, weight: $0[1], bias: $0[2]) },
        one("instanceNorm") { try $0[0].instanceNorm(weight: $0[1], bias: $0[2]) },
        one("instanceNormPlain") { try $0[0].instanceNorm(weight: nil, bias: nil) },
    ]

    static let losses: [OperationCase] = [
        one("crossEntropy") { try $0[0].crossEntropy($0[1]) },
        one("crossEntropySmooth") { try $0[0].crossEntropy($0[1], labelSmoothing: 0.1) },
        one("crossEntropyProbabilities") { try $0[0].crossEntropy($0[1]) },
        one("binaryCrossEntropy") { try $0[0].binaryCrossEntropyWithLogits($0[1]) },
        one("binaryCrossEntropyWeighted") {
            try $0[0].binaryCrossEntropyWithLogits($0[1], weight: $0[2], positiveWeight: $0[3])
        },
    ]
}
