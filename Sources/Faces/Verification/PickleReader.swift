import Foundation

/// What a pickle of plain lists is made of.
enum PickleValue {
    /// A byte string's place in the file.
    case bytes(Range<Int>)
    case boolean(Bool)
    case integer(Int)
    case list(PickleList)
    case tuple([PickleValue])

    var elements: [PickleValue]? {
        switch self {
        case .list(let list): list.elements
        case .tuple(let elements): elements
        default: nil
        }
    }

    var kind: String {
        switch self {
        case .bytes: "bytes"
        case .boolean: "a boolean"
        case .integer: "a number"
        case .list(let list): "a list of \(list.elements.count)"
        case .tuple(let elements): "a tuple of \(elements.count)"
        }
    }
}

/// Lists are filled after they were remembered, so they need an identity.
final class PickleList {
    var elements: [PickleValue] = []
}

struct PickleError: Error { let reason: String }

/// Reads pickles (protocols 1 to 5) of lists, tuples, byte strings, booleans and numbers.
///
/// The opcodes that name or call something (GLOBAL, REDUCE, …) are refused, so that a file can do no more than be read.
struct PickleReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var stack: [PickleValue] = []
    /// Where on the stack the open marks are.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]

    static func read(_ data: Data) throws(PickleError) -> PickleValue {
        let result: Result<PickleValue, PickleError> = data.withUnsafeBytes { bytes in
            var reader = PickleReader(bytes: bytes)
            do throws(PickleError) { return .success(try reader.run()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func run() throws(PickleError) -> PickleValue {
        while true {
            let at = position
            let opcode = try byte()
            switch opcode {
            case 0x80:  // PROTO
                let version = try byte()
                guard version <= 5 else {
                    throw PickleError(reason: "is a pickle of protocol \(version), expected 1 to 5")
                }
            case 0x95: _ = try number(8)  // FRAME
            case UInt8(ascii: "]"): stack.append(.list(PickleList()))
            case UInt8(ascii: ")"): stack.append(.tuple([]))
            case UInt8(ascii: "("): marks.append(stack.count)
            case UInt8(ascii: "a"):
                let value = try pop()
                try list(at).elements.append(value)
            case UInt8(ascii: "e"):
                let values = try popToMark()
                try list(at).elements += values
            case UInt8(ascii: "l"):
                let list = PickleList()
                list.elements = try popToMark()
                stack.append(.list(list))
            case UInt8(ascii: "t"): stack.append(.tuple(try popToMark()))
            case 0x85, 0x86, 0x87:  // TUPLE1, TUPLE2, TUPLE3
                var values: [PickleValue] = []
                for _ in 0..<(Int(opcode) - 0x84) { values.insert(try pop(), at: 0) }
                stack.append(.tuple(values))
            case 0x88: stack.append(.boolean(true))
            case 0x89: stack.append(.boolean(false))
            case UInt8(ascii: "K"): stack.append(.integer(try number(1)))
            case UInt8(ascii: "M"): stack.append(.integer(try number(2)))
            case UInt8(ascii: "J"): stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
            case UInt8(ascii: "C"), UInt8(ascii: "U"): try string(lengthBytes: 1)
            case UInt8(ascii: "B"), UInt8(ascii: "T"): try string(lengthBytes: 4)
            case 0x8e, 0x96: try string(lengthBytes: 8)  // BINBYTES8, BYTEARRAY8
            case UInt8(ascii: "q"): memo[try number(1)] = try top()
            case UInt8(ascii: "r"): memo[try number(4)] = try top()
            case 0x94: memo[memo.count] = try top()
            case UInt8(ascii: "h"): try recall(number(1))
            case UInt8(ascii: "j"): try recall(number(4))
            case UInt8(ascii: "."):
                guard stack.count == 1, marks.isEmpty else {
                    throw PickleError(reason: "is damaged: \(stack.count) values are left at its end")
                }
                return stack[0]
            case UInt8(ascii: "c"), 0x93, UInt8(ascii: "R"), UInt8(ascii: "i"), UInt8(ascii: "o"), 0x81, 0x92,
                UInt8(ascii: "b"), UInt8(ascii: "X"), 0x8c, 0x8d:
                // Text only occurs as the names of objects.
                throw PickleError(
                    reason:
                        "is a pickle that names Python objects (opcode \(hex(opcode)) at byte \(at)), which are never loaded here; pack it anew as a list of bytes and a list of bool: pickle.dump((images, issame), file, protocol=4)"
                )
            default:
                throw PickleError(
                    reason:
                        "opcode \(hex(opcode)) at byte \(at) is not understood; expected an InsightFace .bin file, a pickle of a list of bytes and a list of booleans"
                )
            }
        }
    }

    private func hex(_ byte: UInt8) -> String { "0x" + String(byte, radix: 16) }

    private mutating func byte() throws(PickleError) -> UInt8 {
        guard position < bytes.count else { throw PickleError(reason: "is cut short at byte \(position)") }
        defer { position += 1 }
        return bytes[position]
    }

    /// Little-endian, unsigned up to 7 bytes.
    private mutating func number(_ count: Int) throws(PickleError) -> Int {
        var value: UInt64 = 0
        for shift in 0..<count { value |= UInt64(try byte()) << (8 * UInt64(shift)) }
        guard let number = Int(exactly: value) else {
            throw PickleError(reason: "holds an impossible length before byte \(position)")
        }
        return number
    }

    private mutating func string(lengthBytes: Int) throws(PickleError) {
        let length = try number(lengthBytes)
        guard length <= bytes.count - position else {
            throw PickleError(
                reason:
                    "is cut short: byte \(position) announces \(length) bytes, \(bytes.count - position) are left"
            )
        }
        stack.append(.bytes(position..<(position + length)))
        position += length
    }

    private mutating func pop() throws(PickleError) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
            throw PickleError(reason: "is damaged: a value is missing before byte \(position)")
        }
        return value
    }

    private func top() throws(PickleError) -> PickleValue {
        guard let value = stack.last else {
            throw PickleError(reason: "is damaged: a value is missing before byte \(position)")
        }
        return value
    }

    private mutating func popToMark() throws(PickleError) -> [PickleValue] {
        guard let mark = marks.popLast(), mark <= stack.count else {
            throw PickleError(reason: "is damaged: a mark is missing before byte \(position)")
        }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private func list(_ at: Int) throws(PickleError) -> PickleList {
        guard case .list(let list)? = stack.last else {
            throw PickleError(reason: "is damaged: something other than a list is added to at byte \(at)")
        }
        return list
    }

    private mutating func recall(_ index: Int) throws(PickleError) {
        guard let value = memo[index] else {
            throw PickleError(
                reason: "is damaged: value \(index) is recalled before byte \(position) but was never kept")
        }
        stack.append(value)
    }
}
