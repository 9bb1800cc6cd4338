/// Multi-resolution blending (Burt & Adelson 1983) of a crop into a region of a photo.
///
/// Blending is linear: photo + Σ over bands l of Gₗ(alpha) · Lₗ(crop - photo), so only the difference is split into bands.
struct MultiBandBlend {
    let sampler: CropSampler
    let region: PixelBounds
    let levels: Int

    func apply(to photo: inout Image) {
        // Coarse bands read beyond the matte.
        let area = region.grown(2 << min(levels, 20), width: photo.width, height: photo.height)
        var (matte, difference) = sampled(photo, area)
        let alpha = matte
        var mattes: [FloatImage] = []
        var bands: [FloatImage] = []
        for _ in 0..<levels where min(matte.width, matte.height) > 2 {
            let coarse = difference.reduced()
            var band = difference
            let smooth = coarse.expanded(width: difference.width, height: difference.height)
            for i in band.data.indices { band.data[i] -= smooth.data[i] }
            mattes.append(matte)
            bands.append(band)
            matte = matte.reduced()
            difference = coarse
        }
        var blended = difference.weighted(by: matte)
        for (band, matte) in zip(bands, mattes).reversed() {
            blended = blended.expanded(width: band.width, height: band.height)
            let weighted = band.weighted(by: matte)
            for i in blended.data.indices { blended.data[i] += weighted.data[i] }
        }
        write(blended, alpha, area, &photo)
    }

    /// The matte [1, h, w] and the crop minus the photo [3, h, w] over an area of the photo; no difference beyond the crop.
    private func sampled(_ photo: Image, _ area: PixelBounds) -> (FloatImage, FloatImage) {
        var matte = FloatImage(width: area.columns.count, height: area.rows.count, channels: 1)
        var difference = FloatImage(width: area.columns.count, height: area.rows.count, channels: 3)
        let plane = matte.width * matte.height
        let (width, channels) = (photo.width, photo.channels)
        matte.data.withUnsafeMutableBufferPointer { matte in
            difference.data.withUnsafeMutableBufferPointer { difference in
                photo.pixels.withUnsafeBufferPointer { source in
                    sampler.withUnsafeSampler { sample in
                        var i = 0
                        for y in area.rows {
                            for x in area.columns {
                                let p = sample.position(x, y)
                                matte[i] = sample.alpha(p)
                                if sample.covers(p) {
                                    let colour = sample.colour(p)
                                    let at = (y * width + x) * channels
                                    for c in 0..<3 {
                                        difference[c * plane + i] = colour[c] - Float(source[at + c]) / 255
                                    }
                                }
                                i += 1
                            }
                        }
                    }
                }
            }
        }
        return (matte, difference)
    }

    private func write(_ blended: FloatImage, _ alpha: FloatImage, _ area: PixelBounds, _ photo: inout Image)
    {
        let plane = alpha.width * alpha.height
        let (width, channels) = (photo.width, photo.channels)
        photo.pixels.withUnsafeMutableBufferPointer { target in
            blended.data.withUnsafeBufferPointer { blended in
                alpha.data.withUnsafeBufferPointer { alpha in
                    var i = 0
                    for y in area.rows {
                        for x in area.columns {
                            // Coarse bands do not end where the matte does: the sum fades out over its lowest quarter.
                            let share = min(1, 4 * alpha[i])
                            if share > 0 {
                                let at = (y * width + x) * channels
                                for c in 0..<3 {
                                    let value = Float(target[at + c]) + share * blended[c * plane + i] * 255
                                    target[at + c] = value > 0 ? UInt8(min(255, value + 0.5)) : 0
                                }
                            }
                            i += 1
                        }
                    }
                }
            }
        }
    }
}

extension FloatImage {
    /// One level down a Gaussian pyramid: filtered by [1 4 6 4 1] / 16, every second pixel kept.
    func reduced() -> FloatImage {
        let smooth = filtered([1, 4, 6, 4, 1].map { $0 / 16 })
        let (w, h) = (width, height)
        var out = FloatImage(width: (w + 1) / 2, height: (h + 1) / 2, channels: channels)
        let (newWidth, newHeight) = (out.width, out.height)
        out.data.withUnsafeMutableBufferPointer { target in
            smooth.data.withUnsafeBufferPointer { source in
                for row in 0..<(channels * newHeight) {
                    let (c, y) = row.quotientAndRemainder(dividingBy: newHeight)
                    let line = (c * h + 2 * y) * w
                    for x in 0..<newWidth { target[row * newWidth + x] = source[line + 2 * x] }
                }
            }
        }
        return out
    }

    /// One level up a pyramid: even pixels from [1 6 1] / 8 of their neighbours, odd ones from [1 1] / 2 (the same kernel, split).
    func expanded(width newWidth: Int, height newHeight: Int) -> FloatImage {
        let (w, h) = (width, height)
        var out = FloatImage(width: newWidth, height: newHeight, channels: channels)
        var line = [Float](repeating: 0, count: w)
        out.data.withUnsafeMutableBufferPointer { target in
            data.withUnsafeBufferPointer { source in
                line.withUnsafeMutableBufferPointer { line in
                    for c in 0..<channels {
                        for y in 0..<newHeight {
                            let middle = (c * h + min(y / 2, h - 1)) * w
                            let below = (c * h + min(y / 2 + 1, h - 1)) * w
                            let above = (c * h + max(y / 2 - 1, 0)) * w
                            if y % 2 == 0 {
                                for x in 0..<w {
                                    line[x] =
                                        (source[above + x] + 6 * source[middle + x] + source[below + x])
                                        * 0.125
                                }
                            } else {
                                for x in 0..<w { line[x] = (source[middle + x] + source[below + x]) * 0.5 }
                            }
                            let to = (c * newHeight + y) * newWidth
                            for x in 0..<newWidth {
                                let i = min(x / 2, w - 1)
                                let next = line[min(i + 1, w - 1)]
                                target[to + x] =
                                    x % 2 == 0
                                    ? (line[max(i - 1, 0)] + 6 * line[i] + next) * 0.125
                                    : (line[i] + next) * 0.5
                            }
                        }
                    }
                }
            }
        }
        return out
    }

    /// Every channel times a plane of the same size.
    fileprivate func weighted(by plane: FloatImage) -> FloatImage {
        var out = self
        let count = width * height
        out.data.withUnsafeMutableBufferPointer { target in
            plane.data.withUnsafeBufferPointer { weight in
                for c in 0..<channels {
                    for i in 0..<count { target[c * count + i] *= weight[i] }
                }
            }
        }
        return out
    }
}
