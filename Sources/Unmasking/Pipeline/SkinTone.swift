import Imaging

/// Keeps a mask's colour out of the skin that is drawn in its place.
///
/// The encoder takes a strongly coloured mask for coloured light now and then: below yellow cloth it draws yellow skin.
public enum SkinTone {
    /// Draws hidden skin towards the colour of the visible skin, as far as it is off by more than faces are by nature.
    ///
    /// Compared are the medians of a* and b* (CIE 1976) within an ellipse that holds the middle of an aligned face; lightness stays.
    /// - Parameters:
    ///   - drawn: what the generator drew, [3, s, s], 0…1, aligned as `AlignmentTemplate.face128` says.
    ///   - hidden: 1 where the mask hides the face, [1, s, s].
    ///   - slack: difference of a* or b* that is left alone: lips, beards and shadows differ from a forehead.
    public static func match(_ drawn: FloatImage, hidden: FloatImage, slack: Float = 8) -> FloatImage {
        guard var lab = try? drawn.converted(from: .rgb, to: .lab) else { return drawn }
        let (size, plane) = (drawn.width, drawn.width * drawn.height)
        let scale = Float(size) / 128
        var visible: [Int] = []
        var covered: [Int] = []
        for i in 0..<plane {
            let (x, y) = (Float(i % size) / scale - 63.5, Float(i / size) / scale - 66)
            guard (x / 42) * (x / 42) + (y / 60) * (y / 60) < 1 else { continue }
            // Hair, eyes and brows are dark; they tell little of the skin.
            if hidden.data[i] < 0.05, lab.data[i] > 30 { visible.append(i) }
            if hidden.data[i] > 0.95 { covered.append(i) }
        }
        guard min(visible.count, covered.count) >= Int(300 * scale * scale) else { return drawn }
        var isChanged = false
        for c in 1...2 {
            func median(_ places: [Int]) -> Float {
                places.map { lab.data[c * plane + $0] }.sorted()[places.count / 2]
            }
            let off = median(covered) - median(visible)
            let excess = off > 0 ? max(0, off - slack) : min(0, off + slack)
            guard excess != 0 else { continue }
            isChanged = true
            for i in 0..<plane { lab.data[c * plane + i] -= excess * hidden.data[i] }
        }
        guard isChanged, var out = try? lab.converted(from: .lab, to: .rgb) else { return drawn }
        // Rounding must not touch what is visible.
        for i in 0..<plane where hidden.data[i] == 0 {
            for c in 0..<3 { out.data[c * plane + i] = drawn.data[c * plane + i] }
        }
        return out
    }
}
