import CMatio

/// A value of a MATLAB file, copied out of libmatio's memory.
indirect enum MatValue: Equatable {
    /// Any real numeric array, in MATLAB's order.
    case numbers([Double])
    case text(String)
    case cells([MatValue])
    /// One structure; arrays of structures are `other`.
    case structure([Field])
    /// Something else, such as sparse or complex arrays, or a part that is cut off.
    case other

    struct Field: Equatable {
        let name: String
        let value: MatValue
    }

    /// The deepest nesting that is followed.
    private static let depth = 16

    init(_ variable: UnsafeMutablePointer<matvar_t>?, depth: Int = MatValue.depth) {
        guard let variable, depth > 0, variable.pointee.data != nil, variable.pointee.isComplex == 0 else {
            self = .other
            return
        }
        let count = Self.count(variable.pointee)
        switch variable.pointee.class_type {
        case MAT_C_STRUCT where count == 1:
            let fields = Mat_VarGetNumberOfFields(variable)
            guard let names = Mat_VarGetStructFieldnames(variable) else {
                self = .other
                return
            }
            self = .structure(
                (0..<Int(fields)).compactMap { index in
                    guard let name = names[index] else { return nil }
                    let value = Mat_VarGetStructFieldByIndex(variable, index, 0)
                    return Field(name: String(cString: name), value: MatValue(value, depth: depth - 1))
                })
        case MAT_C_CELL:
            self = .cells(
                (0..<count).map { MatValue(Mat_VarGetCell(variable, Int32($0)), depth: depth - 1) })
        case MAT_C_CHAR: self = Self.text(variable.pointee, count).map(MatValue.text) ?? .other
        default: self = Self.numbers(variable.pointee, count).map(MatValue.numbers) ?? .other
        }
    }

    private static func count(_ variable: matvar_t) -> Int {
        guard let dims = variable.dims, variable.rank > 0 else { return 0 }
        var count = 1
        for axis in 0..<Int(variable.rank) {
            let (product, overflow) = count.multipliedReportingOverflow(by: Int(clamping: dims[axis]))
            guard !overflow else { return 0 }
            count = product
        }
        return count
    }

    private static func text(_ variable: matvar_t, _ count: Int) -> String? {
        let data = UnsafeRawBufferPointer(start: variable.data, count: Int(variable.nbytes))
        switch variable.data_size {
        case 1 where count <= data.count: return String(decoding: data.prefix(count), as: UTF8.self)
        case 2 where 2 * count <= data.count:
            return String(
                decoding: (0..<count).map { data.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self) },
                as: UTF16.self)
        default: return nil
        }
    }

    private static func numbers(_ variable: matvar_t, _ count: Int) -> [Double]? {
        let data = UnsafeRawBufferPointer(start: variable.data, count: Int(variable.nbytes))
        func values<T>(_ type: T.Type, _ convert: (T) -> Double) -> [Double]? where T: BitwiseCopyable {
            guard count <= data.count / MemoryLayout<T>.size else { return nil }
            return (0..<count).map {
                convert(data.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self))
            }
        }
        return switch variable.class_type {
        case MAT_C_DOUBLE: values(Double.self) { $0 }
        case MAT_C_SINGLE: values(Float.self, Double.init)
        case MAT_C_INT8: values(Int8.self, Double.init)
        case MAT_C_UINT8: values(UInt8.self, Double.init)
        case MAT_C_INT16: values(Int16.self, Double.init)
        case MAT_C_UINT16: values(UInt16.self, Double.init)
        case MAT_C_INT32: values(Int32.self, Double.init)
        case MAT_C_UINT32: values(UInt32.self, Double.init)
        case MAT_C_INT64: values(Int64.self, Double.init)
        case MAT_C_UINT64: values(UInt64.self, Double.init)
        default: nil
        }
    }

    /// Of a structure; nil when there is no such field.
    func field(_ name: String) -> MatValue? {
        guard case .structure(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }
}
