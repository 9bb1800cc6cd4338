/// Percent-encoding of targets and forms (RFC 3986, section 2.1).
public enum PercentEncoding {
    /// The text behind an encoded one.
    /// - Parameter plusIsSpace: as in queries and forms.
    /// - Throws: `HTTPProblem` (400) for broken escapes, bytes that are no UTF-8, and control characters.
    public static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) throws(HTTPProblem)
        -> String
    {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit)
                else { throw .badRequest("the request's address holds a '%' without two hexadecimal digits") }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: decoded.append(UInt8(ascii: " "))
            default: decoded.append(byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw .badRequest("the request's address is not UTF-8")
        }
        guard !decoded.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw .badRequest("the request's address holds a control character")
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
