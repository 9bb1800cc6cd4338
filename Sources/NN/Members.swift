import Torch

/// A trainable tensor of a module: `@Parameter var weight: Tensor`, initialised by `_weight = try Parameter(tensor)` or,
/// for another checkpoint key, `try Parameter(tensor, key: "…")`.
@propertyWrapper
public struct Parameter {
    public let wrappedValue: Tensor
    let key: String?

    /// Wraps a leaf tensor and turns its gradient on.
    public init(_ tensor: Tensor, key: String? = nil) throws(TorchError) {
        wrappedValue = try tensor.requiresGrad_(true)
        self.key = key
    }
}

/// A parameter that a configuration can leave out (a bias, say).
@propertyWrapper
public struct OptionalParameter {
    public let wrappedValue: Tensor?
    let key: String?

    public init(_ tensor: Tensor?, key: String? = nil) throws(TorchError) {
        wrappedValue = try tensor?.requiresGrad_(true)
        self.key = key
    }
}

/// A tensor that belongs to the state dict but is not trained (running statistics, fixed kernels).
@propertyWrapper
public struct Buffer {
    public let wrappedValue: Tensor
    let key: String?

    public init(_ tensor: Tensor, key: String? = nil) {
        wrappedValue = tensor
        self.key = key
    }
}

protocol ChildMember {
    var key: String? { get }
    var anyValue: Any { get }
}

/// A child module, an optional one, or an array of them whose checkpoint key differs from the property's name:
/// `@Child var norm: BatchNorm2d`, initialised by `_norm = Child(module, key: "layer.0")`.
@propertyWrapper
public struct Child<Value>: ChildMember {
    public let wrappedValue: Value
    let key: String?
    var anyValue: Any { wrappedValue }

    public init(_ value: Value, key: String) {
        wrappedValue = value
        self.key = key
    }
}
