import Foundation

/// A sans-serif font of strokes, drawn for this package, so that labels need no font files.
///
/// Units: capitals are 14 high, small letters 10, descenders reach 4.5 below the base line; y points up.
enum StrokeFont {
    static let capHeight = 14.0
    static let ascent = 16.0
    static let descent = 5.0
    /// Stroke width in units.
    static let weight = 1.7

    struct Glyph {
        let advance: Double
        let strokes: [[Point]]
    }

    static func glyph(_ character: Character) -> Glyph {
        if let glyph = glyphs[character] { return glyph }
        let plain = String(character).folding(options: .diacriticInsensitive, locale: nil)
        if plain.count == 1, let base = plain.first, let glyph = glyphs[base] { return glyph }
        return unknown
    }

    private static let glyphs: [Character: Glyph] = outlines.mapValues(parse)
    /// An empty box.
    private static let unknown = parse("0,0 8,0 8,14 0,14 0,0")

    /// Strokes are separated by semicolons: `x,y x,y …` is a polyline; a leading `~` makes it a quadratic B-spline from the first to
    /// the last point, a leading `o` a closed one.
    private static func parse(_ text: String) -> Glyph {
        guard !text.isEmpty else { return Glyph(advance: 6.5, strokes: []) }
        let strokes = text.split(separator: ";").map { part -> [Point] in
            let points = part.drop { $0 == "~" || $0 == "o" }.split(separator: " ").map { pair -> Point in
                let numbers = pair.split(separator: ",").map { Double($0) ?? 0 }
                return Point(numbers[0], numbers[1])
            }
            return part.first == "~" ? spline(points) : part.first == "o" ? loop(points) : points
        }
        let right = strokes.joined().map(\.x).max() ?? 0
        return Glyph(advance: right + 3.6, strokes: strokes.map { $0.map { Point($0.x + 1.8, $0.y) } })
    }

    private static func spline(_ p: [Point]) -> [Point] {
        guard p.count > 2 else { return p }
        var out = [p[0]]
        for index in 1..<(p.count - 1) {
            let end = index == p.count - 2 ? p[index + 1] : (p[index] + p[index + 1]) * 0.5
            out += arc(out[out.count - 1], p[index], end)
        }
        return out
    }

    private static func loop(_ p: [Point]) -> [Point] {
        var out = [(p[p.count - 1] + p[0]) * 0.5]
        for index in p.indices {
            out += arc(out[out.count - 1], p[index], (p[index] + p[(index + 1) % p.count]) * 0.5)
        }
        return out
    }

    /// A quadratic Bézier curve without its first point.
    private static func arc(_ a: Point, _ control: Point, _ b: Point) -> [Point] {
        (1...8).map { step in
            let t = Double(step) / 8
            return a * ((1 - t) * (1 - t)) + control * (2 * t * (1 - t)) + b * (t * t)
        }
    }
}
