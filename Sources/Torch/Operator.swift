import CTorch

/// An argument of a boxed operator call. Literals convert by themselves: `try Tensor.call("aten::sum.dim_IntList", x, [1], true)`.
public enum OperatorArgument {
    case none
    /// Takes the schema's default.
    case useDefault
    case tensor(Tensor)
    case int(Int)
    case double(Double)
    case bool(Bool)
    case ints([Int])
    case doubles([Double])
    case bools([Bool])
    case tensors([Tensor])
    case optionalTensors([Tensor?])
    /// For `Scalar[]` parameters.
    case scalars([Double])
    case string(String)
    case device(Device)
    case generator(Generator)
}

extension OperatorArgument: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .none }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: Int...) { self = .ints(elements) }
}

/// Values that can be given to `Tensor.call` as they are.
public protocol ArgumentConvertible {
    var argument: OperatorArgument { get }
}

extension OperatorArgument: ArgumentConvertible { public var argument: OperatorArgument { self } }
extension Tensor: ArgumentConvertible { public var argument: OperatorArgument { .tensor(self) } }
extension Int: ArgumentConvertible { public var argument: OperatorArgument { .int(self) } }
extension Double: ArgumentConvertible { public var argument: OperatorArgument { .double(self) } }
extension Bool: ArgumentConvertible { public var argument: OperatorArgument { .bool(self) } }
extension String: ArgumentConvertible { public var argument: OperatorArgument { .string(self) } }
extension Device: ArgumentConvertible { public var argument: OperatorArgument { .device(self) } }
extension Generator: ArgumentConvertible { public var argument: OperatorArgument { .generator(self) } }
extension ScalarType: ArgumentConvertible { public var argument: OperatorArgument { .int(Int(rawValue)) } }
extension Optional: ArgumentConvertible where Wrapped: ArgumentConvertible {
    public var argument: OperatorArgument { map(\.argument) ?? .none }
}
extension Array: ArgumentConvertible where Element: ArgumentListElement {
    public var argument: OperatorArgument { Element.list(self) }
}

/// Element types of list arguments.
public protocol ArgumentListElement {
    static func list(_ values: [Self]) -> OperatorArgument
}

extension Int: ArgumentListElement {
    public static func list(_ values: [Int]) -> OperatorArgument { .ints(values) }
}
extension Double: ArgumentListElement {
    public static func list(_ values: [Double]) -> OperatorArgument { .doubles(values) }
}
extension Bool: ArgumentListElement {
    public static func list(_ values: [Bool]) -> OperatorArgument { .bools(values) }
}
extension Tensor: ArgumentListElement {
    public static func list(_ values: [Tensor]) -> OperatorArgument { .tensors(values) }
}
extension Optional: ArgumentListElement where Wrapped == Tensor {
    public static func list(_ values: [Tensor?]) -> OperatorArgument { .optionalTensors(values) }
}

/// A result that is not a tensor, or a tensor.
enum CallResult {
    case none
    case tensor(Tensor)
    case int(Int)
    case double(Double)
    case bool(Bool)
}

extension Tensor {
    /// Calls any ATen operator by its schema name, with an optional overload after a dot: `aten::add.Tensor`.
    ///
    /// Missing trailing arguments take the schema's defaults; autograd and autocast apply as in PyTorch.
    /// - Returns: the tensor results in order; tensor lists are flattened, undefined and non-tensor results left out.
    /// - Throws: `TorchError.operation` with the operator's name and libtorch's reason.
    @discardableResult
    public static func call(_ name: String, _ arguments: any ArgumentConvertible...) throws(TorchError)
        -> [Tensor]
    {
        try invoke(name, arguments.map(\.argument), capacity: 64).compactMap {
            if case .tensor(let tensor) = $0 { tensor } else { nil }
        }
    }

    /// As `call`, for operators with exactly one tensor result.
    @inline(__always)
    static func one(_ name: String, _ arguments: any ArgumentConvertible...) throws(TorchError) -> Tensor {
        let results = try invoke(name, arguments.map(\.argument), capacity: 1)
        guard let first = results.first, case .tensor(let tensor) = first else {
            throw .operation(name: name, reason: "returned no tensor")
        }
        return tensor
    }

    /// As `call`, with a room for `capacity` results of any kind (foreach operators return as many as they were given).
    static func invoke(_ name: String, _ arguments: [OperatorArgument], capacity: Int) throws(TorchError)
        -> [CallResult]
    {
        var packer = Packer()
        for argument in arguments { packer.add(argument) }
        let (base, overload) = split(name)
        var results = [ct_value](repeating: ct_value(), count: capacity)
        var produced: Int64 = 0
        try withExtendedLifetime(arguments) { () throws(TorchError) in
            try packer.withValues { (values) throws(TorchError) in
                try check(name) { error in
                    ct_call(
                        base, overload, values.baseAddress, Int64(values.count), &results, Int64(capacity),
                        &produced,
                        error)
                }
            }
        }
        return results.prefix(Int(produced)).map { value in
            switch ct_kind(UInt32(value.kind)) {
            case CT_TENSOR: .tensor(Tensor(adopting: OpaquePointer(value.pointer!)))
            case CT_INT: .int(Int(value.integer))
            case CT_DOUBLE: .double(value.real)
            case CT_BOOL: .bool(value.integer != 0)
            default: .none
            }
        }
    }

    private static func split(_ name: String) -> (String, String) {
        guard let dot = name.firstIndex(of: ".") else { return (name, "") }
        return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }
}

/// Lays arguments out for the shim; lists are copied into buffers that live as long as the packer.
private struct Packer {
    private var values: [ct_value] = []
    private var storage: [UnsafeMutableRawPointer] = []

    mutating func add(_ argument: OperatorArgument) {
        var value = ct_value()
        switch argument {
        case .none: value.kind = kind(CT_NONE)
        case .useDefault: value.kind = kind(CT_DEFAULT)
        case .tensor(let tensor):
            value.kind = kind(CT_TENSOR)
            value.pointer = UnsafeRawPointer(tensor.handle)
        case .int(let number):
            value.kind = kind(CT_INT)
            value.integer = Int64(number)
        case .double(let number):
            value.kind = kind(CT_DOUBLE)
            value.real = number
        case .bool(let flag):
            value.kind = kind(CT_BOOL)
            value.integer = flag ? 1 : 0
        case .ints(let list): value = pack(list.map(Int64.init), CT_INT_LIST)
        case .doubles(let list): value = pack(list, CT_DOUBLE_LIST)
        case .scalars(let list): value = pack(list, CT_SCALAR_LIST)
        case .bools(let list): value = pack(list.map { UInt8($0 ? 1 : 0) }, CT_BOOL_LIST)
        case .tensors(let list): value = pack(list.map { Optional($0.handle) }, CT_TENSOR_LIST)
        case .optionalTensors(let list): value = pack(list.map { $0?.handle }, CT_OPTIONAL_TENSOR_LIST)
        case .string(let text):
            value = pack(Array(text.utf8CString), CT_STRING)
        case .device(let device):
            value.kind = kind(CT_DEVICE)
            value.integer = Int64(device.kind.rawValue)
            value.count = Int64(device.index)
        case .generator(let generator):
            value.kind = kind(CT_GENERATOR)
            value.pointer = UnsafeRawPointer(generator.handle)
        }
        values.append(value)
    }

    private func kind(_ kind: ct_kind) -> Int32 { Int32(kind.rawValue) }

    private mutating func pack<Element>(_ list: [Element], _ listKind: ct_kind) -> ct_value {
        let buffer = UnsafeMutablePointer<Element>.allocate(capacity: max(list.count, 1))
        buffer.initialize(from: list, count: list.count)
        storage.append(UnsafeMutableRawPointer(buffer))
        return ct_value(
            kind: kind(listKind), integer: 0, real: 0, pointer: UnsafeRawPointer(buffer),
            count: Int64(list.count))
    }

    mutating func withValues(
        _ body: (UnsafeBufferPointer<ct_value>) throws(TorchError) -> Void
    ) throws(TorchError) {
        defer {
            for pointer in storage { pointer.deallocate() }
            storage = []
        }
        let copy = UnsafeMutableBufferPointer<ct_value>.allocate(capacity: values.count)
        defer { copy.deallocate() }
        _ = copy.initialize(from: values)
        try body(UnsafeBufferPointer(copy))
    }
}
