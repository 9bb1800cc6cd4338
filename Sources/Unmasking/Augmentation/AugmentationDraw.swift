import Foundation
import Imaging

/// What happens to one image before the discriminator sees it: the pixel blits, geometric and colour transforms of adaptive
/// discriminator augmentation (Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", appendix B).
public struct AugmentationDraw: Sendable, Equatable {
    public var isMirrored = false
    /// Turns by 90 degrees, 0…3.
    public var quarterTurns = 0
    /// Shift as a share of the width and of the height; rounded to whole pixels.
    public var shiftX = 0.0
    public var shiftY = 0.0
    /// Factor on the size.
    public var scale = 1.0
    /// Rotation in radians before the stretch, and after it.
    public var turn = 0.0
    public var lateTurn = 0.0
    /// Factor on the width; the height is divided by it.
    public var stretch = 1.0
    /// Shift by fractions of pixels, as shares of the width and of the height.
    public var offsetX = 0.0
    public var offsetY = 0.0

    /// Added to every colour; images are in -1…1.
    public var brightness = 0.0
    /// Factor on every colour.
    public var contrast = 1.0
    /// Whether light and dark change places while the hue stays.
    public var isLumaFlipped = false
    /// Rotation of the colours about the grey axis, in radians.
    public var hue = 0.0
    /// Factor on the distance to the grey axis.
    public var saturation = 1.0

    public init() {}

    /// Whether every pixel stays where it is.
    public var keepsPlaces: Bool {
        !isMirrored && quarterTurns % 4 == 0 && shiftX == 0 && shiftY == 0 && scale == 1 && turn == 0
            && lateTurn == 0 && stretch == 1 && offsetX == 0 && offsetY == 0
    }

    /// Whether every colour stays what it is.
    public var keepsColours: Bool {
        brightness == 0 && contrast == 1 && !isLumaFlipped && hue == 0 && saturation == 1
    }

    /// Where pixels go, in coordinates from the image's centre.
    /// - Parameter size: side of the image in pixels.
    public func geometry(size: Int) -> AffineTransform2D {
        func scaling(_ x: Double, _ y: Double) -> AffineTransform2D {
            AffineTransform2D(a: x, b: 0, c: 0, d: 0, e: y, f: 0)
        }
        func rotation(_ angle: Double) -> AffineTransform2D {
            let (c, s) = (cos(angle), sin(angle))
            return AffineTransform2D(a: c, b: -s, c: 0, d: s, e: c, f: 0)
        }
        let side = Double(size)
        let steps = [
            scaling(isMirrored ? -1 : 1, 1), rotation(-.pi / 2 * Double(quarterTurns)),
            .scale(1, translate: Point((shiftX * side).rounded(), (shiftY * side).rounded())),
            scaling(scale, scale), rotation(-turn), scaling(stretch, 1 / stretch), rotation(-lateTurn),
            .scale(1, translate: Point(offsetX * side, offsetY * side)),
        ]
        return steps.reduce(.identity) { $0.concatenating($1) }
    }

    /// The colour map, 3 rows of 4: new colour = matrix · (red, green, blue, 1).
    public var colours: [Double] {
        let axis = 1 / 3.0.squareRoot()
        var matrix = [1.0, 0, 0, brightness, 0, 1, 0, brightness, 0, 0, 1, brightness].map { $0 * contrast }
        /// - Parameter step: 3x3, applied after what is there.
        func apply(_ step: (_ row: Int, _ column: Int) -> Double) {
            let old = matrix
            for row in 0..<3 {
                for column in 0..<4 {
                    matrix[4 * row + column] = (0..<3).reduce(0) { $0 + step(row, $1) * old[4 * $1 + column] }
                }
            }
        }
        func unit(_ row: Int, _ column: Int) -> Double { row == column ? 1 : 0 }
        if isLumaFlipped { apply { unit($0, $1) - 2 * axis * axis } }
        if hue != 0 {
            let (c, s) = (cos(hue), sin(hue))
            // Rodrigues: cos·I + (1 - cos)·v·vᵀ + sin·[v]ₓ, v the grey axis.
            let cross = [0, -axis, axis, axis, 0, -axis, -axis, axis, 0]
            apply { c * unit($0, $1) + (1 - c) * axis * axis + s * cross[3 * $0 + $1] }
        }
        if saturation != 1 {
            apply { axis * axis + saturation * (unit($0, $1) - axis * axis) }
        }
        return matrix
    }
}
