import Imaging

extension YuNetDetector {
    /// Faces found at full scale in tiles of `maximumSide` pixels that overlap by a quarter. A face that reaches an inner edge
    /// of its tile is left to the neighbour, or, when it is larger than the overlap, to the pass over the whole image.
    func detectInTiles(_ image: Image) throws -> [DetectedFace] {
        let side = settings.maximumSide
        let margin = 2.0
        var found: [DetectedFace] = []
        for top in Self.starts(image.height, side) {
            for left in Self.starts(image.width, side) {
                let tile = image.tile(
                    x: left, y: top, width: min(side, image.width - left),
                    height: min(side, image.height - top))
                let toImage = AffineTransform2D.scale(1, translate: Point(Double(left), Double(top)))
                for face in try detectAtFullScale(tile) {
                    let box = face.box
                    let cut =
                        left > 0 && box.x < margin || top > 0 && box.y < margin
                        || left + tile.width < image.width && box.x + box.width > Double(tile.width) - margin
                        || top + tile.height < image.height
                            && box.y + box.height > Double(tile.height) - margin
                    if !cut { found.append(face.applying(toImage)) }
                }
            }
        }
        return found
    }

    /// First pixels of tiles of `side` that cover `length` and overlap by at least a quarter.
    static func starts(_ length: Int, _ side: Int) -> [Int] {
        guard length > side else { return [0] }
        let step = max(1, side * 3 / 4)
        let count = (length - side + step - 1) / step + 1
        return (0..<count).map { $0 * (length - side) / (count - 1) }
    }
}

extension Image {
    /// The pixels of a rectangle that lies inside the image.
    fileprivate func tile(x: Int, y: Int, width tileWidth: Int, height tileHeight: Int) -> Image {
        var tile = Image(width: tileWidth, height: tileHeight, channels: channels)
        let line = tileWidth * channels
        for row in 0..<tileHeight {
            let start = ((y + row) * width + x) * channels
            tile.pixels.replaceSubrange(row * line..<(row + 1) * line, with: pixels[start..<start + line])
        }
        return tile
    }
}
