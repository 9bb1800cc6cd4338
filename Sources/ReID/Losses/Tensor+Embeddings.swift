import Torch

extension Tensor {
    /// Rows scaled to length 1, [N, D].
    ///
    /// A row of length 0 has no direction: it stays 0 and gets no gradient (dividing it by a small number instead would
    /// send back a gradient of that number's inverse).
    func unitRows() throws(TorchError) -> Tensor {
        let length = try norm([-1], keepdim: true)
        let isZero = try length.lt(1e-12)
        return try self * length.maskedFill(isZero, 1).reciprocal().maskedFill(isZero, 0)
    }

    /// Euclidean distances of the rows of [N, D], [N, N].
    ///
    /// Summed from the differences themselves: |a|² + |b|² - 2ab would lose the small distances of long features in
    /// rounding. Where two rows are equal the gradient is 0, the middle of the subgradients.
    func rowDistances() throws(TorchError) -> Tensor {
        // The last argument forbids the matrix product.
        try Tensor.call("aten::cdist", self, self, 2.0, 2)[0]
    }

    /// Features as losses calculate with them: half precision is widened, for sums over hundreds of products.
    func widened() throws(TorchError) -> Tensor {
        dtype == .float16 || dtype == .bfloat16 ? try to(dtype: .float32) : self
    }
}
