extension Tensor {
    public func reshape(_ shape: [Int]) throws(TorchError) -> Tensor {
        try Self.one("aten::reshape", self, shape)
    }
    public func view(_ shape: [Int]) throws(TorchError) -> Tensor { try Self.one("aten::view", self, shape) }
    public func permute(_ dims: [Int]) throws(TorchError) -> Tensor {
        try Self.one("aten::permute", self, dims)
    }
    public func transpose(_ a: Int, _ b: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::transpose.int", self, a, b)
    }
    public func flatten(from start: Int = 0, to end: Int = -1) throws(TorchError) -> Tensor {
        try Self.one("aten::flatten.using_ints", self, start, end)
    }
    public func squeeze(_ dim: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::squeeze.dim", self, dim)
    }
    public func unsqueeze(_ dim: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::unsqueeze", self, dim)
    }
    public func expand(_ shape: [Int]) throws(TorchError) -> Tensor {
        try Self.one("aten::expand", self, shape)
    }
    public func `repeat`(_ counts: [Int]) throws(TorchError) -> Tensor {
        try Self.one("aten::repeat", self, counts)
    }
    public func repeatInterleave(_ count: Int, dim: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::repeat_interleave.self_int", self, count, dim)
    }
    public func contiguous() throws(TorchError) -> Tensor { try Self.one("aten::contiguous", self) }
    /// Same shape and values, memory laid out [batch, height, width, channels].
    public func channelsLast() throws(TorchError) -> Tensor { try Self.one("aten::contiguous", self, 2) }

    // MARK: Parts

    /// A view of one index of `dim`, which disappears.
    public func select(_ dim: Int, _ index: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::select.int", self, dim, index)
    }
    public func narrow(_ dim: Int, _ start: Int, _ length: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::narrow", self, dim, start, length)
    }
    public func slice(dim: Int = 0, from start: Int? = nil, to end: Int? = nil, step: Int = 1)
        throws(TorchError) -> Tensor
    { try Self.one("aten::slice.Tensor", self, dim, start, end, step) }
    /// `x[i]`: a view of one index of the first dimension.
    public subscript(index: Int) -> Tensor {
        get throws(TorchError) { try select(0, index) }
    }
    public subscript(range: Range<Int>) -> Tensor {
        get throws(TorchError) { try narrow(0, range.lowerBound, range.count) }
    }
    public func indexSelect(_ dim: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::index_select", self, dim, indices)
    }
    public func gather(_ dim: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::gather", self, dim, indices)
    }
    /// Advanced indexing: nil keeps a dimension whole, an integer or bool tensor selects.
    public func index(_ indices: [Tensor?]) throws(TorchError) -> Tensor {
        try Self.one("aten::index.Tensor", self, OperatorArgument.optionalTensors(indices))
    }
    /// Elements where `mask` is true, [n].
    public func maskedSelect(_ mask: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::masked_select", self, mask)
    }
    public func scatterAdd(_ dim: Int, _ indices: Tensor, _ source: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::scatter_add", self, dim, indices, source)
    }
    public func oneHot(_ classes: Int) throws(TorchError) -> Tensor {
        try Self.one("aten::one_hot", self, classes)
    }
    public func chunk(_ count: Int, dim: Int) throws(TorchError) -> [Tensor] {
        try Self.call("aten::chunk", self, count, dim)
    }
    public func split(_ size: Int, dim: Int) throws(TorchError) -> [Tensor] {
        try Self.invoke(
            "aten::split.Tensor", [.tensor(self), .int(size), .int(dim)], capacity: max(1, count)
        )
        .compactMap { if case .tensor(let tensor) = $0 { tensor } else { nil } }
    }
    public func unbind(_ dim: Int = 0) throws(TorchError) -> [Tensor] {
        try Self.invoke("aten::unbind.int", [.tensor(self), .int(dim)], capacity: max(1, shape.max() ?? 1))
            .compactMap { if case .tensor(let tensor) = $0 { tensor } else { nil } }
    }
    public func flip(_ dims: [Int]) throws(TorchError) -> Tensor { try Self.one("aten::flip", self, dims) }
    public func roll(_ shifts: [Int], _ dims: [Int]) throws(TorchError) -> Tensor {
        try Self.one("aten::roll", self, shifts, dims)
    }
    public func tril(_ diagonal: Int = 0) throws(TorchError) -> Tensor {
        try Self.one("aten::tril", self, diagonal)
    }
    public func triu(_ diagonal: Int = 0) throws(TorchError) -> Tensor {
        try Self.one("aten::triu", self, diagonal)
    }
    public func diagonal() throws(TorchError) -> Tensor { try Self.one("aten::diagonal", self) }

    // MARK: Joining

    public static func cat(_ tensors: [Tensor], dim: Int = 0) throws(TorchError) -> Tensor {
        try one("aten::cat", tensors, dim)
    }
    public static func stack(_ tensors: [Tensor], dim: Int = 0) throws(TorchError) -> Tensor {
        try one("aten::stack", tensors, dim)
    }

    // MARK: Type and place

    public func to(dtype: ScalarType) throws(TorchError) -> Tensor {
        try Self.one("aten::to.dtype", self, dtype)
    }
    public func to(device: Device) throws(TorchError) -> Tensor {
        try Self.one("aten::to.device", self, device, dtype)
    }
    public func clone() throws(TorchError) -> Tensor { try Self.one("aten::clone", self) }
    /// The same memory, outside the autograd graph.
    public func detach() throws(TorchError) -> Tensor { try Self.one("aten::detach", self) }
}
