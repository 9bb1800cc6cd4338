import Torch

/// A part of a network: parameters, buffers and child modules, found once by reflection over the stored properties.
///
/// Checkpoint keys equal PyTorch's: the property's name, or the `key:` given to `@Parameter`, `@Buffer` or `@Child`,
/// joined by dots; elements of arrays are numbered. Plain stored properties that hold a `Module`, a `Module?`, an array of
/// modules (or of optional ones) are children as they are.
open class Module {
    /// True while training: dropout drops and batch normalisation uses the batch.
    public private(set) var isTraining = true

    public init() {}

    /// Applies the module to one tensor. Modules with other inputs define their own method.
    open func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
        throw .invalidArgument("\(type(of: self)) does not take one tensor: call its own method")
    }

    // MARK: Structure

    struct Members {
        var parameters: [(key: String, tensor: Tensor)] = []
        var buffers: [(key: String, tensor: Tensor)] = []
        var children: [(key: String, module: Module)] = []
    }

    private(set) lazy var members: Members = findMembers()

    func findMembers() -> Members {
        var found = Members()
        var levels: [Mirror] = []
        var mirror: Mirror? = Mirror(reflecting: self)
        while let current = mirror, current.subjectType != Module.self {
            levels.append(current)
            mirror = current.superclassMirror
        }
        for level in levels.reversed() {
            for child in level.children {
                guard let label = child.label else { continue }
                // Property wrappers are stored under a leading underscore.
                found.add(child.value, named: label.hasPrefix("_") ? String(label.dropFirst()) : label)
            }
        }
        return found
    }

    // MARK: Parameters

    /// Trainable and frozen parameters with their keys, depth first in declaration order.
    public func namedParameters() -> [(key: String, tensor: Tensor)] { collect(\.parameters) }

    public func parameters() -> [Tensor] { namedParameters().map(\.tensor) }

    public func namedBuffers() -> [(key: String, tensor: Tensor)] { collect(\.buffers) }

    private func collect(_ path: KeyPath<Members, [(key: String, tensor: Tensor)]>) -> [(
        key: String, tensor: Tensor
    )] {
        members[keyPath: path]
            + members.children.flatMap { key, child in
                child.collect(path).map { ("\(key).\($0.key)", $0.tensor) }
            }
    }

    /// Every module below this one, itself first, with its key ("" for itself).
    public func namedModules() -> [(key: String, module: Module)] {
        [("", self)]
            + members.children.flatMap { key, child in
                child.namedModules().map { ($0.key.isEmpty ? key : "\(key).\($0.key)", $0.module) }
            }
    }

    public var parameterCount: Int { parameters().reduce(0) { $0 + $1.count } }

    // MARK: Modes

    /// Switches this module and all below it to training (true) or evaluation; returns self.
    @discardableResult
    public func train(_ on: Bool = true) -> Self {
        isTraining = on
        for (_, child) in members.children { child.train(on) }
        return self
    }

    @discardableResult
    public func evaluate() -> Self { train(false) }

    /// Freezes (false) or unfreezes every parameter; returns self.
    @discardableResult
    public func requiresGrad_(_ on: Bool) throws(TorchError) -> Self {
        for parameter in parameters() { try parameter.requiresGrad_(on) }
        return self
    }

    public func zeroGrad() throws(TorchError) {
        for parameter in parameters() { try parameter.setGrad(nil) }
    }
}

extension Module.Members {
    fileprivate mutating func add(_ value: Any, named name: String) {
        switch value {
        case let parameter as Parameter: parameters.append((parameter.key ?? name, parameter.wrappedValue))
        case let parameter as OptionalParameter:
            if let tensor = parameter.wrappedValue { parameters.append((parameter.key ?? name, tensor)) }
        case let buffer as Buffer: buffers.append((buffer.key ?? name, buffer.wrappedValue))
        case let child as any ChildMember: add(child.anyValue, named: child.key ?? name)
        case let module as Module: children.append((name, module))
        case let list as [Any]:
            for (index, element) in list.enumerated() { add(element, named: "\(name).\(index)") }
        default:
            let mirror = Mirror(reflecting: value)
            if mirror.displayStyle == .optional, let inner = mirror.children.first {
                add(inner.value, named: name)
            }
        }
    }
}
