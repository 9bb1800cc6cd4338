/// Sorts finite floats upwards in linear time: millions of pair scores in a fraction of a comparison sort's time.
func radixSorted(_ values: [Float]) -> [Float] {
    guard values.count > 256 else { return values.sorted() }
    // Order-preserving integers: flip all bits of negative numbers and the sign bit of the others.
    var keys = values.map { value in
        let bits = (value == 0 ? Float(0) : value).bitPattern
        return bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
    }
    var other = [UInt32](repeating: 0, count: keys.count)
    for shift: UInt32 in [0, 11, 22] {
        var starts = [Int](repeating: 0, count: 2048)
        for key in keys { starts[Int((key >> shift) & 2047)] += 1 }
        var sum = 0
        for bucket in 0..<2048 {
            let size = starts[bucket]
            starts[bucket] = sum
            sum += size
        }
        for key in keys {
            let bucket = Int((key >> shift) & 2047)
            other[starts[bucket]] = key
            starts[bucket] += 1
        }
        swap(&keys, &other)
    }
    return keys.map { key in Float(bitPattern: key & 0x8000_0000 != 0 ? key & 0x7FFF_FFFF : ~key) }
}
