import CTorch

/// An n-dimensional array on a device, with autograd. A handle to libtorch's tensor: operations return new tensors,
/// names that end in `_` work in place.
///
/// Not Sendable: build tensors on the thread that uses them and move plain arrays between threads.
public final class Tensor {
    // Read `handle` only of `self` and parameters inside a method that keeps them alive: reading it of a temporary is a
    // use after free in optimised builds.
    package let handle: OpaquePointer

    package init(adopting handle: OpaquePointer) { self.handle = handle }

    deinit { ct_tensor_free(handle) }

    /// Number of tensor handles alive in this process; constant over a loop that does not leak.
    public static var liveHandleCount: Int { Int(ct_tensor_live()) }

    // MARK: From and to Swift values

    /// A tensor of the given shape, row-major. `values.count` must be the product of `shape`.
    public convenience init<Element: TensorElement>(
        _ values: [Element], shape: [Int], device: Device = .cpu
    ) throws(TorchError) {
        try self.init(bytesOf: values, shape: shape, dtype: Element.scalarType, device: device)
    }

    public convenience init(values: [Float], shape: [Int], device: Device = .cpu) throws(TorchError) {
        try self.init(values, shape: shape, device: device)
    }

    private convenience init<Element: BitwiseCopyable>(
        bytesOf values: [Element], shape: [Int], dtype: ScalarType, device: Device
    ) throws(TorchError) {
        let dims = shape.map(Int64.init)
        var out: OpaquePointer?
        try check("Tensor(shape: \(shape))") { error in
            values.withUnsafeBytes { bytes in
                ct_tensor_from_bytes(
                    bytes.baseAddress, Int64(bytes.count), dims, Int64(dims.count), dtype.rawValue,
                    device.kind.rawValue, device.index, &out, error)
            }
        }
        self.init(adopting: out!)
    }

    /// A tensor over raw little-endian bytes of `dtype` (copied), as tensor files hold them.
    public convenience init(
        bytes: UnsafeRawBufferPointer, shape: [Int], dtype: ScalarType, device: Device = .cpu
    ) throws(TorchError) {
        let dims = shape.map(Int64.init)
        var out: OpaquePointer?
        try check("Tensor(bytes:)") { error in
            ct_tensor_from_bytes(
                bytes.baseAddress, Int64(bytes.count), dims, Int64(dims.count), dtype.rawValue,
                device.kind.rawValue, device.index, &out, error)
        }
        self.init(adopting: out!)
    }

    /// The elements, row-major. The dtype must be that of `Element`; convert with `to(dtype:)` first.
    public func array<Element: TensorElement>(_ type: Element.Type = Element.self) throws(TorchError)
        -> [Element]
    {
        guard dtype == Element.scalarType else {
            throw .invalidArgument(
                "array(\(Element.self)) of a tensor of \(dtype): convert with to(dtype:) first")
        }
        let size = count
        var message: UnsafeMutablePointer<CChar>?
        var status: ct_status = 0
        let values = [Element](unsafeUninitializedCapacity: size) { buffer, initialised in
            status = ct_tensor_to_bytes(
                handle, buffer.baseAddress, Int64(size * MemoryLayout<Element>.stride), &message)
            initialised = status == 0 ? size : 0
        }
        try check("Tensor.array") { error in
            error.pointee = message
            return status
        }
        return values
    }

    /// The elements as 32-bit floats, whatever the dtype.
    public func floats() throws(TorchError) -> [Float] { try to(dtype: .float32).array() }

    /// The elements as integers, whatever the dtype.
    public func ints() throws(TorchError) -> [Int] { try to(dtype: .int64).array() }

    /// Raw bytes, row-major.
    public func bytes() throws(TorchError) -> [UInt8] {
        let size = count * dtype.byteCount
        var message: UnsafeMutablePointer<CChar>?
        var status: ct_status = 0
        let values = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialised in
            status = ct_tensor_to_bytes(handle, buffer.baseAddress, Int64(size), &message)
            initialised = status == 0 ? size : 0
        }
        try check("Tensor.bytes") { error in
            error.pointee = message
            return status
        }
        return values
    }

    /// The only element, as a double.
    public func item() throws(TorchError) -> Double {
        guard count == 1 else {
            throw .invalidArgument("item() of a tensor of shape \(shape): expected one element")
        }
        return try to(dtype: .float64).array(Double.self)[0]
    }

    // MARK: What it is

    /// Sizes, outermost first.
    public var shape: [Int] { (0..<rank).map { Int(ct_tensor_size(handle, Int64($0))) } }
    public var strides: [Int] { (0..<rank).map { Int(ct_tensor_stride(handle, Int64($0))) } }
    public var rank: Int { Int(ct_tensor_rank(handle)) }
    /// Number of elements.
    public var count: Int { Int(ct_tensor_count(handle)) }
    public var dtype: ScalarType { ScalarType(rawValue: ct_tensor_dtype(handle)) ?? .float32 }
    public var isContiguous: Bool { ct_tensor_is_contiguous(handle) }

    /// Size of one dimension; negative counts from the end. As with arrays, a dimension that is not there is a
    /// programming error.
    public func size(_ dim: Int) -> Int {
        let rank = rank
        precondition(dim >= -rank && dim < rank, "size(\(dim)) of a tensor of rank \(rank)")
        return Int(ct_tensor_size(handle, Int64(dim < 0 ? dim + rank : dim)))
    }

    public var device: Device {
        var type: Int32 = 0
        var index: Int32 = 0
        ct_tensor_device(handle, &type, &index)
        return Device(kind: Device.Kind(rawValue: type) ?? .cpu, index: index)
    }
}

extension Tensor: CustomStringConvertible {
    public var description: String { "Tensor(\(shape), \(dtype), \(device))" }
}
