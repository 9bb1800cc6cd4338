/// Element types, with libtorch's numbering.
public enum ScalarType: Int32, Sendable, CaseIterable, Codable {
    case uint8 = 0
    case int8 = 1
    case int16 = 2
    case int32 = 3
    case int64 = 4
    case float16 = 5
    case float32 = 6
    case float64 = 7
    case bool = 11
    case bfloat16 = 15

    public var byteCount: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .int16, .float16, .bfloat16: 2
        case .int32, .float32: 4
        case .int64, .float64: 8
        }
    }

    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .float32, .float64, .bfloat16: true
        default: false
        }
    }
}

/// Swift types that can fill or leave a tensor without conversion.
public protocol TensorElement: BitwiseCopyable, Sendable {
    static var scalarType: ScalarType { get }
}

extension UInt8: TensorElement { public static var scalarType: ScalarType { .uint8 } }
extension Int8: TensorElement { public static var scalarType: ScalarType { .int8 } }
extension Int16: TensorElement { public static var scalarType: ScalarType { .int16 } }
extension Int32: TensorElement { public static var scalarType: ScalarType { .int32 } }
extension Int64: TensorElement { public static var scalarType: ScalarType { .int64 } }
extension Int: TensorElement { public static var scalarType: ScalarType { .int64 } }
extension Float: TensorElement { public static var scalarType: ScalarType { .float32 } }
extension Double: TensorElement { public static var scalarType: ScalarType { .float64 } }
extension Bool: TensorElement { public static var scalarType: ScalarType { .bool } }
