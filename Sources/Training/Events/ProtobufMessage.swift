/// Writes the fields of a Protocol Buffers message in the wire format. Like proto3, scalar fields of value zero are left out.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    private enum Wire: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func tag(_ field: Int, _ wire: Wire) { varint(UInt64(field) << 3 | wire.rawValue) }

    mutating func integer(_ field: Int, _ value: Int) {
        guard value != 0 else { return }
        tag(field, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func double(_ field: Int, _ value: Double) {
        guard value.bitPattern != 0 else { return }
        tag(field, .fixed64)
        bytes.append(littleEndian: value.bitPattern)
    }

    /// A float that is a member of a `oneof`: written even when it is zero.
    mutating func float(_ field: Int, _ value: Float) {
        tag(field, .fixed32)
        bytes.append(littleEndian: value.bitPattern)
    }

    /// Bytes, text or a nested message.
    mutating func data(_ field: Int, _ value: some Collection<UInt8>) {
        tag(field, .lengthDelimited)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func text(_ field: Int, _ value: String) {
        if !value.isEmpty { data(field, Array(value.utf8)) }
    }

    mutating func message(_ field: Int, _ build: (inout ProtobufMessage) -> Void) {
        var inner = ProtobufMessage()
        build(&inner)
        data(field, inner.bytes)
    }

    /// A packed repeated field.
    mutating func doubles(_ field: Int, _ values: [Double]) {
        guard !values.isEmpty else { return }
        var packed: [UInt8] = []
        packed.reserveCapacity(8 * values.count)
        for value in values { packed.append(littleEndian: value.bitPattern) }
        data(field, packed)
    }
}

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
