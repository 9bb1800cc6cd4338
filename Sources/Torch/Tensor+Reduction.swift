extension Tensor {
    /// Dimensions to reduce; nil means all.
    private func dims(_ dims: [Int]?) -> [Int] { dims ?? Array(0..<rank) }

    public func sum(_ dims: [Int]? = nil, keepdim: Bool = false) throws(TorchError) -> Tensor {
        try Self.one("aten::sum.dim_IntList", self, self.dims(dims), keepdim)
    }
    public func mean(_ dims: [Int]? = nil, keepdim: Bool = false) throws(TorchError) -> Tensor {
        try Self.one("aten::mean.dim", self, self.dims(dims), keepdim)
    }
    /// Sample variance; `correction` 1 divides by n - 1.
    public func variance(_ dims: [Int]? = nil, correction: Int = 1, keepdim: Bool = false)
        throws(TorchError) -> Tensor
    { try Self.one("aten::var.correction", self, self.dims(dims), correction, keepdim) }
    public func std(_ dims: [Int]? = nil, correction: Int = 1, keepdim: Bool = false) throws(TorchError)
        -> Tensor
    {
        try Self.one("aten::std.correction", self, self.dims(dims), correction, keepdim)
    }
    /// p-norm.
    public func norm(_ dims: [Int]? = nil, p: Double = 2, keepdim: Bool = false) throws(TorchError) -> Tensor
    {
        try Self.one("aten::linalg_vector_norm", self, p, self.dims(dims), keepdim)
    }
    public func logsumexp(_ dims: [Int]? = nil, keepdim: Bool = false) throws(TorchError) -> Tensor {
        try Self.one("aten::logsumexp", self, self.dims(dims), keepdim)
    }
    public func amax(_ dims: [Int]? = nil, keepdim: Bool = false) throws(TorchError) -> Tensor {
        try Self.one("aten::amax", self, self.dims(dims), keepdim)
    }
    public func amin(_ dims: [Int]? = nil, keepdim: Bool = false) throws(TorchError) -> Tensor {
        try Self.one("aten::amin", self, self.dims(dims), keepdim)
    }
    /// Index of the largest element along `dim` (over the flattened tensor when nil), int64.
    public func argmax(_ dim: Int? = nil, keepdim: Bool = false) throws(TorchError) -> Tensor {
        try Self.one("aten::argmax", self, dim, keepdim)
    }
    public func argmin(_ dim: Int? = nil, keepdim: Bool = false) throws(TorchError) -> Tensor {
        try Self.one("aten::argmin", self, dim, keepdim)
    }
    public func cumsum(_ dim: Int) throws(TorchError) -> Tensor { try Self.one("aten::cumsum", self, dim) }

    public func sort(dim: Int = -1, descending: Bool = false, stable: Bool = true)
        throws(TorchError) -> (values: Tensor, indices: Tensor)
    {
        let out = try Self.call("aten::sort.stable", self, stable, dim, descending)
        return (out[0], out[1])
    }
    public func topk(_ k: Int, dim: Int = -1, largest: Bool = true) throws(TorchError) -> (
        values: Tensor, indices: Tensor
    ) {
        let out = try Self.call("aten::topk", self, k, dim, largest, true)
        return (out[0], out[1])
    }

    // MARK: Linear algebra

    public func matmul(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::matmul", self, other)
    }
    public func bmm(_ other: Tensor) throws(TorchError) -> Tensor { try Self.one("aten::bmm", self, other) }
    /// self + a · b.
    public func addmm(_ a: Tensor, _ b: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::addmm", self, a, b)
    }
    public static func einsum(_ equation: String, _ operands: [Tensor]) throws(TorchError) -> Tensor {
        try one("aten::einsum", equation, operands)
    }
    public func inverse() throws(TorchError) -> Tensor { try Self.one("aten::linalg_inv", self) }
    public func solve(_ right: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::linalg_solve", self, right)
    }
    /// Eigenvalues (ascending) and eigenvectors of a symmetric matrix.
    public func eigh() throws(TorchError) -> (values: Tensor, vectors: Tensor) {
        let out = try Self.call("aten::linalg_eigh", self)
        return (out[0], out[1])
    }
    public func svd(fullMatrices: Bool = false) throws(TorchError) -> (u: Tensor, s: Tensor, vh: Tensor) {
        let out = try Self.call("aten::linalg_svd", self, fullMatrices)
        return (out[0], out[1], out[2])
    }
    /// Pairwise Euclidean distances of rows, [n, m].
    public func cdist(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::cdist", self, other)
    }
    /// Divides by the 2-norm along `dim`, at least `eps`.
    public func l2Normalised(dim: Int = -1, eps: Double = 1e-12) throws(TorchError) -> Tensor {
        try self / norm([dim], keepdim: true).clamp(min: eps)
    }
}
