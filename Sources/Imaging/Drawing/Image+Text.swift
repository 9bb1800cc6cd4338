import Foundation

/// Where text lies relative to its anchor.
public enum TextAlignment: Sendable {
    case leading, centre, trailing
}

extension Image {
    /// Draws text in the built-in stroke font: ASCII and some signs; accents are dropped, what is unknown becomes a box.
    /// - Parameters:
    ///   - at: the anchor on the base line of the first line; `alignment` says which end of the text it is.
    ///   - size: height of capital letters in pixels; readable from about 7.
    ///   - angle: in radians, clockwise on the screen, about the anchor.
    ///   - weight: stroke width relative to the regular one; 1.6 is bold.
    public mutating func drawText(
        _ text: String, at: Point, size: Double, colour: Colour = .black, alignment: TextAlignment = .leading,
        angle: Double = 0, weight: Double = 1
    ) {
        let scale = size / StrokeFont.capHeight
        let (cosine, sine) = (cos(angle), sin(angle))
        var strokes: [[Point]] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let width = Image.textWidth(String(line), size: size)
            var pen: Double =
                switch alignment {
                case .leading: 0
                case .centre: -width / 2
                case .trailing: -width
                }
            let base = Double(number) * Image.lineHeight(size: size)
            for character in line {
                let glyph = StrokeFont.glyph(character)
                strokes += glyph.strokes.map { stroke in
                    stroke.map { p in
                        let x = pen + p.x * scale
                        let y = base - p.y * scale
                        return Point(at.x + cosine * x - sine * y, at.y + sine * x + cosine * y)
                    }
                }
                pen += glyph.advance * scale
            }
        }
        draw(strokes: strokes, colour: colour, width: max(1, StrokeFont.weight * scale * weight))
    }

    /// The width of a line of text in pixels.
    public static func textWidth(_ line: String, size: Double) -> Double {
        line.reduce(0) { $0 + StrokeFont.glyph($1).advance } * size / StrokeFont.capHeight
    }

    /// The distance of base lines in pixels.
    public static func lineHeight(size: Double) -> Double {
        (StrokeFont.ascent + StrokeFont.descent + 1) * size / StrokeFont.capHeight
    }
}
