import CTorch

/// Runs `body` without recording gradients and restores the previous mode. Synchronous on purpose: the mode belongs to the
/// thread, so it must not cross a suspension point.
public func noGrad<Result>(_ body: () throws(TorchError) -> Result) throws(TorchError) -> Result {
    let previous = ct_grad_mode()
    ct_set_grad_mode(false)
    defer { ct_set_grad_mode(previous) }
    return try body()
}

/// As `noGrad(_:)`, for bodies that throw other errors.
public func withoutGradients<Result>(_ body: () throws -> Result) throws -> Result {
    let previous = ct_grad_mode()
    ct_set_grad_mode(false)
    defer { ct_set_grad_mode(previous) }
    return try body()
}

/// Runs `body` with eligible operations (convolution, matrix products) in `dtype` on `device` (mixed precision) and
/// restores the previous setting.
public func autocast<Result>(_ dtype: ScalarType?, on device: Device, _ body: () throws -> Result) throws
    -> Result
{
    guard let dtype else { return try body() }
    let kind = device.kind.rawValue
    let wasEnabled = ct_autocast_enabled(kind)
    let previous = ct_autocast_dtype(kind)
    try check("autocast") { ct_set_autocast(kind, true, dtype.rawValue, $0) }
    ct_autocast_enter()
    defer {
        ct_autocast_exit()
        var message: UnsafeMutablePointer<CChar>?
        _ = ct_set_autocast(kind, wasEnabled, previous, &message)
        ct_string_free(message)
    }
    return try body()
}

extension Tensor {
    public var requiresGrad: Bool { ct_tensor_requires_grad(handle) }
    public var isLeaf: Bool { ct_tensor_is_leaf(handle) }

    @discardableResult
    public func requiresGrad_(_ value: Bool = true) throws(TorchError) -> Tensor {
        try check("requiresGrad_") { ct_tensor_set_requires_grad(handle, value, $0) }
        return self
    }

    /// The accumulated gradient of a leaf.
    public var grad: Tensor? {
        get throws(TorchError) {
            var out: OpaquePointer?
            try check("grad") { ct_tensor_grad(handle, &out, $0) }
            return out.map(Tensor.init(adopting:))
        }
    }

    /// Replaces (nil: removes) the accumulated gradient.
    public func setGrad(_ grad: Tensor?) throws(TorchError) {
        try withExtendedLifetime(grad) { () throws(TorchError) in
            try check("setGrad") { ct_tensor_set_grad(handle, grad?.handle, $0) }
        }
    }

    /// Accumulates gradients into the leaves.
    public func backward(_ gradient: Tensor? = nil, retainGraph: Bool = false, createGraph: Bool = false)
        throws(TorchError)
    {
        try withExtendedLifetime(gradient) { () throws(TorchError) in
            var outputs: [OpaquePointer?] = [handle]
            var gradients: [OpaquePointer?] = [gradient?.handle]
            try check("backward") { ct_backward(&outputs, &gradients, 1, retainGraph, createGraph, $0) }
        }
    }

    /// True for two handles of one tensor.
    public func isSame(_ other: Tensor) -> Bool { ct_tensor_is_same(handle, other.handle) }
}

public enum Autograd {
    /// Gradients of the outputs (weighted by `outputGradients`, default ones) with respect to `inputs`; nil where unused.
    /// With `createGraph` they are themselves differentiable (double backward).
    public static func grad(
        outputs: [Tensor], inputs: [Tensor], outputGradients: [Tensor?]? = nil, retainGraph: Bool? = nil,
        createGraph: Bool = false, allowUnused: Bool = true
    ) throws(TorchError) -> [Tensor?] {
        var outs = outputs.map { Optional($0.handle) }
        var ins = inputs.map { Optional($0.handle) }
        var weights = (outputGradients ?? outputs.map { _ in nil }).map { $0?.handle }
        var grads = [OpaquePointer?](repeating: nil, count: inputs.count)
        try withExtendedLifetime((outputs, inputs, outputGradients)) { () throws(TorchError) in
            try check("Autograd.grad") {
                ct_grad(
                    &outs, &weights, Int64(outs.count), &ins, Int64(ins.count), retainGraph ?? createGraph,
                    createGraph, allowUnused, &grads, $0)
            }
        }
        return grads.map { $0.map(Tensor.init(adopting:)) }
    }

    public static var isEnabled: Bool { ct_grad_mode() }
}
