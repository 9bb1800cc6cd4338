import Torch

extension OperationCase {
    static let shapes: [OperationCase] = [
        one("reshape") { try $0[0].permute([2, 0, 1]).reshape([4, -1]) },
        one("view") { try $0[0].view([6, 4]) },
        one("permute") { try $0[0].permute([2, 0, 1]) },
        one("transpose") { try $0[0].transpose(0, -1) },
        OperationCase("flatten") {
            [try $0[0].flatten(), try $0[0].flatten(from: 1), try $0[0].flatten(from: 0, to: 1)]
        },
        one("squeeze") { try $0[0].narrow(1, 0, 1).squeeze(1) },
        one("unsqueeze") { try $0[0].unsqueeze(-1) },
        one("expand") { try $0[0].expand([2, 3, 4]) },
        one("repeat") { try $0[0].repeat([2, 1, 2]) },
        one("repeatInterleave") { try $0[0].repeatInterleave(2, dim: 1) },
        one("contiguous") { try $0[0].permute([1, 2, 0]).contiguous() },
        one("channelsLast") { try $0[0].channelsLast() * 2 },
        one("select") { try $0[0].select(-1, 2) },
        one("narrow") { try $0[0].narrow(1, 1, 2) },
        OperationCase("slice") {
            [
                try $0[0].slice(dim: 2, from: 1, to: -1), try $0[0].slice(dim: 1, step: 2),
                try $0[0].slice(from: 1),
            ]
        },
        OperationCase("subscript") { [try $0[0][1], try $0[0][0..<1]] },
        one("indexSelect") { try $0[0].indexSelect(2, $0[1]) },
        one("gather") { try $0[0].gather(2, $0[1]) },
        one("index") { try $0[0].index([nil, $0[1], $0[2]]) },
        one("indexMask") { try $0[0].index([$0[1]]) },
        one("maskedSelect") { try $0[0].maskedSelect($0[1]) },
        one("scatterAdd") { try $0[0].scatterAdd(1, $0[1], $0[2]) },
        one("oneHot") { try $0[0].oneHot(4) },
        one("flip") { try $0[0].flip([0, 2]) },
        one("roll") { try $0[0].roll([1, -2], [1, 2]) },
        OperationCase("triangles") { [try $0[0].tril(), try $0[0].tril(-1), try $0[0].triu(1)] },
        one("diagonal") { try $0[0].diagonal() },
        OperationCase("to") {
            let x = $0[0]
            return [
                try x.to(dtype: .float16), try x.to(dtype: .bfloat16), try x.to(dtype: .int64),
                try x.to(dtype: .uint8), try x.to(dtype: .bool), try x.to(device: .cpu),
            ]
        },
    ]

    static let joins: [OperationCase] = [
        OperationCase("chunk") { try $0[0].chunk(2, dim: 2) },
        OperationCase("split") { try $0[0].split(3, dim: 2) },
        OperationCase("unbind") { try $0[0].unbind(1) },
        one("unbindMany") { try $0[0].unbind()[69] },
        one("cat") { try Tensor.cat($0, dim: 1) },
        one("stack") { try Tensor.stack($0, dim: -1) },
    ]
}
