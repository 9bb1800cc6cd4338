/// Labelled rows and sheets of images on white, for people to look at.
public enum Panel {
    /// Sizes in pixels.
    public struct Style: Sendable {
        /// Between images.
        public var gap = 8
        /// Around everything.
        public var margin = 10
        /// Height of capital letters.
        public var textSize = 11.0
        public var background = Colour.white
        public var ink = Colour(30, 30, 30)
        /// Width of frames.
        public var frame = 5.0

        public init() {}
    }

    /// Images side by side at a common height, each under its label.
    /// - Parameters:
    ///   - labels: one for each image, or none.
    ///   - height: of every image in pixels; nil for that of the highest.
    ///   - title: a line over everything.
    /// - Throws: `ImagingError.invalidArgument` for no images, a number of labels that is neither 0 nor that of the images, or a height
    ///   below 1.
    public static func row(
        _ images: [Image], labels: [String] = [], height: Int? = nil, title: String? = nil,
        style: Style = Style()
    ) throws(ImagingError) -> Image {
        try check(images.count, labels.count, "labels")
        let common = height ?? images.map(\.height).max() ?? 1
        guard common > 0 else {
            throw .invalidArgument("panel of height \(common): expected a positive height")
        }
        var scaled: [Image] = []
        for image in images {
            scaled.append(try image.fitted(width: Int.max, height: common))
        }
        let bar = labels.allSatisfy(\.isEmpty) ? 0 : captionBar(style)
        let top = style.margin + (title == nil ? 0 : titleBar(style)) + bar
        let width = scaled.reduce(0) { $0 + $1.width } + style.gap * (scaled.count - 1) + 2 * style.margin
        var sheet = blank(width, top + common + style.margin, style)
        if let title { drawTitle(title, on: &sheet, style) }
        var x = style.margin
        for (index, image) in scaled.enumerated() {
            sheet.paste(image.over(style.background), x: x, y: top)
            if index < labels.count, bar > 0 {
                drawCaption(
                    labels[index], x: x, width: image.width + style.gap, baseline: top - style.gap,
                    on: &sheet, style)
            }
            x += image.width + style.gap
        }
        return sheet
    }

    /// A sheet of equal cells, row by row; every image is scaled to fit its cell and centred, its caption below it.
    /// - Parameters:
    ///   - columns: at most this many images a row.
    ///   - captions: one for each image, or none.
    ///   - cell: width and height of an image's cell in pixels; nil for the largest width and height among the images.
    ///     A row is only as high as its highest image.
    ///   - frames: a frame's colour for each image (nil: no frame), or none.
    ///   - title: a line over everything.
    /// - Throws: `ImagingError.invalidArgument` for no images, or columns, captions, frames or cell sizes that do not fit.
    public static func grid(
        _ images: [Image], columns: Int, captions: [String] = [], cell: (width: Int, height: Int)? = nil,
        frames: [Colour?] = [], title: String? = nil, style: Style = Style()
    ) throws(ImagingError) -> Image {
        try check(images.count, captions.count, "captions")
        try check(images.count, frames.count, "frames")
        let size = cell ?? (images.map(\.width).max() ?? 1, images.map(\.height).max() ?? 1)
        guard columns > 0, size.width > 0, size.height > 0 else {
            throw .invalidArgument(
                "grid of \(columns) columns and cells of \(size.width)x\(size.height): expected positive numbers"
            )
        }
        var scaled: [Image] = []
        for image in images {
            scaled.append(try image.fitted(width: size.width, height: size.height).over(style.background))
        }
        let bar = captions.allSatisfy(\.isEmpty) ? 0 : captionBar(style)
        let edge = frames.allSatisfy { $0 == nil } ? 0 : Int(style.frame.rounded(.up))
        let pitch = size.width + 2 * edge + style.gap
        // A row is as high as its highest image.
        let rows = stride(from: 0, to: images.count, by: columns).map { first in
            scaled[first..<min(first + columns, images.count)].map(\.height).max() ?? 1
        }
        let top = style.margin + (title == nil ? 0 : titleBar(style))
        var sheet = blank(
            min(columns, images.count) * pitch - style.gap + 2 * style.margin,
            top + rows.reduce(0) { $0 + $1 + 2 * edge + bar + style.gap } - style.gap + style.margin, style)
        if let title { drawTitle(title, on: &sheet, style) }
        var y = top + edge
        for (index, image) in scaled.enumerated() {
            let row = index / columns
            let x = style.margin + edge + (index % columns) * pitch
            let left = x + (size.width - image.width) / 2
            let upper = y + (rows[row] - image.height) / 2
            if index < frames.count, let colour = frames[index] {
                sheet.fill(
                    Rect(
                        x: Double(left - edge), y: Double(upper - edge),
                        width: Double(image.width + 2 * edge),
                        height: Double(image.height + 2 * edge)), colour: colour)
            }
            sheet.paste(image, x: left, y: upper)
            if index < captions.count, bar > 0 {
                drawCaption(
                    captions[index], x: x - edge, width: pitch, baseline: y + rows[row] + edge + bar - 6,
                    on: &sheet,
                    style)
            }
            if index % columns == columns - 1 { y += rows[row] + 2 * edge + bar + style.gap }
        }
        return sheet
    }

    /// Images under one another, aligned left, without labels: joins rows into one picture.
    /// - Throws: `ImagingError.invalidArgument` for no images.
    public static func stack(_ images: [Image], gap: Int = 0, background: Colour = .white)
        throws(ImagingError)
        -> Image
    {
        try check(images.count, 0, "labels")
        var style = Style()
        style.background = background
        let height = images.reduce(0) { $0 + $1.height } + gap * (images.count - 1)
        var sheet = blank(images.map(\.width).max() ?? 1, height, style)
        var y = 0
        for image in images {
            sheet.paste(image.over(background), x: 0, y: y)
            y += image.height + gap
        }
        return sheet
    }

    private static func check(_ images: Int, _ others: Int, _ what: String) throws(ImagingError) {
        guard images > 0 else { throw .invalidArgument("a panel needs at least one image") }
        guard others == 0 || others == images else {
            throw .invalidArgument(
                "panel of \(images) images with \(others) \(what): expected one for each, or none")
        }
    }

    private static func blank(_ width: Int, _ height: Int, _ style: Style) -> Image {
        var sheet = Image(width: width, height: height, channels: 3, fill: style.background.red)
        let ground = style.background
        if ground.green != ground.red || ground.blue != ground.red {
            sheet.fill(Rect(x: 0, y: 0, width: Double(width), height: Double(height)), colour: ground)
        }
        return sheet
    }

    private static func captionBar(_ style: Style) -> Int { Int(style.textSize.rounded(.up)) + 2 * 6 }

    private static func titleBar(_ style: Style) -> Int { Int((style.textSize * 1.3).rounded(.up)) + 12 }

    private static func drawTitle(_ title: String, on sheet: inout Image, _ style: Style) {
        let size = style.textSize * 1.3
        let room = Double(sheet.width - 2 * style.margin)
        sheet.drawText(
            shortened(title, to: room, size: size),
            at: Point(Double(style.margin), Double(style.margin) + size), size: size, colour: style.ink,
            weight: 1.2)
    }

    /// Centred in `width`, of which the gap stays free; long text is set smaller, then shortened.
    private static func drawCaption(
        _ text: String, x: Int, width: Int, baseline: Int, on sheet: inout Image, _ style: Style
    ) {
        let room = Double(width - style.gap)
        let natural = Image.textWidth(text, size: style.textSize)
        let size =
            natural > room ? max(style.textSize * 0.7, style.textSize * room / natural) : style.textSize
        sheet.drawText(
            shortened(text, to: room, size: size), at: Point(Double(x) + room / 2, Double(baseline)),
            size: size,
            colour: style.ink, alignment: .centre)
    }

    static func shortened(_ text: String, to room: Double, size: Double) -> String {
        guard Image.textWidth(text, size: size) > room else { return text }
        var kept = text
        while !kept.isEmpty, Image.textWidth(kept + "…", size: size) > room { kept.removeLast() }
        return kept + "…"
    }
}

extension Image {
    /// Scaled to the largest size of the same proportions within the bounds.
    func fitted(width limitX: Int, height limitY: Int) throws(ImagingError) -> Image {
        let scale = min(Double(limitX) / Double(width), Double(limitY) / Double(height))
        return try resized(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded())), filter: .bicubic)
    }

    /// RGB; alpha is composed over the colour.
    func over(_ colour: Colour) -> Image {
        guard channels == 4 else { return rgb() }
        var ground = Image(width: width, height: height, channels: 3)
        ground.fill(Rect(x: 0, y: 0, width: Double(width), height: Double(height)), colour: colour)
        ground.paste(self, x: 0, y: 0)
        return ground
    }
}
