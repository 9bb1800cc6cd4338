/// An sRGB colour, 8 bits a channel, straight alpha.
public struct Colour: Sendable, Equatable, Codable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8
    public var alpha: UInt8

    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8, alpha: UInt8 = 255) {
        self.red = red
        self.green = green
        self.blue = blue
        self.alpha = alpha
    }

    public static let black = Colour(0, 0, 0)
    public static let white = Colour(255, 255, 255)
    public static let grey = Colour(128, 128, 128)
    public static let paleGrey = Colour(225, 225, 225)
    public static let red = Colour(213, 35, 35)
    public static let green = Colour(22, 150, 62)
    public static let blue = Colour(0, 114, 178)
    public static let orange = Colour(230, 159, 0)

    /// Colours for the curves of a plot, told apart by colour-blind readers too (Okabe and Ito 2008).
    public static let series = [
        blue, Colour(213, 94, 0), Colour(0, 158, 115), Colour(204, 121, 167), orange, Colour(86, 180, 233),
        black,
    ]

    /// Rec. 601 luma, for drawing on grey images.
    var luma: UInt8 {
        let sum: Int = 299 * Int(red) + 587 * Int(green) + 114 * Int(blue)
        return UInt8((sum + 500) / 1000)
    }
}
