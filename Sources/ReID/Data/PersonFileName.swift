/// What the names of the published sets say.
enum PersonFileName {
    /// `0002_c1s1_000451_03.jpg`, `-1_c3s2_…`, `0001_c2_f0046302.jpg`: person, then camera from 1 on. Whatever follows is not
    /// looked at: some names of Market-1501 end in `.jpg.jpg`.
    /// - Returns: the person as written and the camera from 0 on; nil for another kind of name.
    static func personAndCamera(_ name: String) -> (person: Int, camera: Int)? {
        var rest = name.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        guard let person = number(&rest), rest.starts(with: "_c".utf8) else { return nil }
        rest = rest.dropFirst(2)
        guard let camera = number(&rest), camera > 0, !isNegative || person == 1 else { return nil }
        return (isNegative ? -1 : person, camera - 1)
    }

    /// `c2_name.jpg`: the camera of an image in a person's folder, from 0 on.
    static func camera(_ name: String) -> Int? {
        var rest = name.utf8[...]
        guard rest.first == UInt8(ascii: "c") else { return nil }
        rest = rest.dropFirst()
        guard let camera = number(&rest), camera > 0, rest.first == UInt8(ascii: "_") else { return nil }
        return camera - 1
    }

    /// `0000_000_01_0303morning_0015_0.jpg` of MSMT17: the third part is the camera, from 1 on.
    static func msmtCamera(_ name: Substring) -> Int? {
        let parts = name.split(separator: "_", maxSplits: 3)
        guard parts.count == 4, let camera = Int(parts[2]), camera > 0 else { return nil }
        return camera - 1
    }

    /// Takes the leading digits.
    private static func number(_ text: inout Substring.UTF8View) -> Int? {
        let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        text = text[digits.endIndex...]
        return Int(Substring(digits))
    }
}
