import Imaging

/// Something in front of the lower face that is no mask: a hand, a microphone, a telephone, a cup. Drawn of rounded bars and plates,
/// roughly shaded: it need not look real, but a network must learn to leave it alone.
public struct FaceOccluder: Sendable, Equatable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A palm and bent fingers in the colour of the person's skin.
        case hand
        /// A dark, silver or coloured head on a handle.
        case microphone
        /// A telephone, a cup, or blobs of any colour.
        case object
    }

    /// A solid in the picture's plane; lengths in pixels.
    public struct Part: Sendable, Equatable {
        public enum Shape: Sendable, Equatable {
            /// From one point to another, round at both ends.
            case bar(from: Point, to: Point, startRadius: Double, endRadius: Double)
            /// A rounded rectangle; `along` is the unit vector of its long axis.
            case plate(centre: Point, along: Point, halfLength: Double, halfWidth: Double, corner: Double)
        }
        public var shape: Shape
        public var colour: MaskColour
        /// Contrast of a fine grid, as on the head of a microphone, 0…1.
        public var grid: Double
    }

    public var kind: Kind
    /// Later parts lie over earlier ones.
    public var parts: [Part]
    /// Where the light comes from in the picture's plane, radians from the x axis, y down.
    public var light: Double
    /// Width of the edges in pixels.
    public var softness: Double
    /// Darkening of what lies beside it, 0…1.
    public var shadow: Double
    /// Seeds the unevenness of the colours.
    public var seed: UInt64

    /// Something over mouth, nose or chin of a face.
    /// - Parameters:
    ///   - landmarks: of the face, in pixels.
    ///   - photo: gives the colour of the skin, [3, height, width], 0…1.
    ///   - kinds: to choose from; empty means all.
    public static func random(
        for landmarks: FiveLandmarks, on photo: FloatImage, seed: UInt64, kinds: [Kind] = Kind.allCases
    ) -> FaceOccluder {
        var random = MaskRandom(seed: seed)
        let choices = kinds.isEmpty ? Kind.allCases : kinds
        let kind = random.pick(choices.map { ($0, $0 == .hand ? 2 : 1) })
        let frame = FaceFrame(landmarks)
        let parts =
            switch kind {
            case .hand: hand(frame, skin: skin(of: photo, frame), &random)
            case .microphone: microphone(frame, &random)
            case .object: object(frame, &random)
            }
        return FaceOccluder(
            kind: kind, parts: parts, light: random.uniform(-3, 0),
            softness: max(0.8, frame.unit * random.uniform(0.01, 0.04)), shadow: random.uniform(0, 0.45),
            seed: random.next())
    }

    /// The face's own axes: `point(x, y)` lies x eye distances to the right of the middle between the eyes and y below it, as the
    /// face is turned in the picture.
    private struct FaceFrame {
        let origin: Point
        let right: Point
        let down: Point
        /// Pixels per eye distance; that of a profile is taken from the line between eyes and mouth.
        let unit: Double

        init(_ landmarks: FiveLandmarks) {
            let eyes = (landmarks.leftEye + landmarks.rightEye) * 0.5
            let mouth = (landmarks.leftMouth + landmarks.rightMouth) * 0.5
            let axis = mouth - eyes
            let length = max(axis.length, 1e-6)
            unit = max((landmarks.rightEye - landmarks.leftEye).length, length)
            origin = eyes
            down = axis * (1 / length)
            right = Point(down.y, -down.x)
        }

        func point(_ x: Double, _ y: Double) -> Point { origin + right * (x * unit) + down * (y * unit) }
    }

    /// Median colour below the eyes and between them.
    private static func skin(of photo: FloatImage, _ frame: FaceFrame) -> MaskColour {
        let places = [(-0.5, 0.3), (0.5, 0.3), (-0.35, 0.4), (0.35, 0.4), (0, 0.1), (0, -0.3), (0.2, -0.35)]
        let pixels = places.map { x, y in
            let p = frame.point(x, y)
            return (
                Int(clamp(Float(p.x), 0, Float(photo.width - 1))),
                Int(clamp(Float(p.y), 0, Float(photo.height - 1)))
            )
        }
        let median = (0..<3).map { channel in
            let values = pixels.map { photo[min(channel, photo.channels - 1), $0.1, $0.0] }.sorted()
            return Double(values[values.count / 2])
        }
        return MaskColour(median[0], median[1], median[2])
    }

    private static func hand(_ frame: FaceFrame, skin: MaskColour, _ random: inout MaskRandom) -> [Part] {
        let gain = random.uniform(0.75, 1.15)
        let colour = MaskColour(
            skin.red * gain * random.around(1, 0.05), skin.green * gain * random.around(1, 0.04),
            skin.blue * gain * random.around(1, 0.06))
        let size = frame.unit * random.uniform(0.8, 1.15)
        // Where the middle finger's tip lies, and where the fingers point to.
        let tip = frame.point(random.around(0, 0.6), random.uniform(0.45, 1.4))
        let angle = random.uniform(-1.4, 1.4)
        let forward = frame.right * Double.sin(angle) - frame.down * Double.cos(angle)
        let across = Point(-forward.y, forward.x)
        let curl = random.chance(0.3) ? random.uniform(0.35, 0.6) : 1.0
        let knuckles = tip - forward * (1.15 * curl * size)
        let wrist = knuckles - forward * (0.95 * size)
        var parts: [Part] = []
        func bar(_ from: Point, _ to: Point, _ start: Double, _ end: Double, _ shade: Double = 1) {
            let tone = MaskColour(colour.red * shade, colour.green * shade, colour.blue * shade)
            parts.append(
                Part(
                    shape: .bar(from: from, to: to, startRadius: start * size, endRadius: end * size),
                    colour: tone, grid: 0))
        }
        bar(wrist - forward * (1.6 * size), wrist, 0.42, 0.36)
        // A palm of three bars side by side.
        for place in [-0.36, 0.36, 0] {
            bar(wrist + across * (place * 0.6 * size), knuckles + across * (place * size), 0.3, 0.3)
        }
        let spread = random.uniform(0, 0.16)
        for finger in [0, 3, 1, 2] {
            let place = Double(finger) - 1.5
            let length = [1.0, 1.15, 1.08, 0.85][finger] * curl * random.around(1, 0.05) * size
            let base = knuckles + across * (place * 0.3 * size)
            let lean = place * spread + random.around(0, 0.05)
            let middle = base + (forward + across * lean) * (0.55 * length)
            let end = middle + (forward + across * (lean * random.uniform(0.3, 1.2))) * (0.45 * length)
            let shade = random.around(1, 0.05)
            bar(base, middle, 0.165, 0.155, shade)
            bar(middle, end, 0.155, 0.13, shade * 1.02)
        }
        let side = random.chance(0.5) ? 1.0 : -1
        let thumb = wrist + forward * (0.35 * size) + across * (side * 0.4 * size)
        let joint = thumb + (across * side + forward * random.uniform(0.3, 1.2)) * (0.42 * size)
        bar(thumb, joint, 0.2, 0.17, 0.97)
        bar(joint, joint + (forward + across * (side * 0.2)) * (0.4 * size), 0.165, 0.13)
        return parts
    }

    private static func microphone(_ frame: FaceFrame, _ random: inout MaskRandom) -> [Part] {
        func grey(_ low: Double, _ high: Double) -> MaskColour {
            let value = random.uniform(low, high)
            return MaskColour(value, value, value * 1.02)
        }
        let head = frame.point(random.around(0, 0.7), random.uniform(0.75, 1.6))
        let radius = frame.unit * random.uniform(0.22, 0.5)
        let angle = random.uniform(-1, 1)
        let handle = frame.down * Double.cos(angle) + frame.right * Double.sin(angle)
        let foam = random.pick([
            (grey(0.04, 0.2), 6), (grey(0.5, 0.75), 2),
            (MaskColour(hue: random.uniform(0, 360), saturation: 0.8, value: random.uniform(0.3, 0.9)), 2),
        ])
        let end = head + handle * (radius * 0.5)
        return [
            Part(
                shape: .bar(
                    from: end, to: end + handle * (frame.unit * 3.5), startRadius: radius * 0.62,
                    endRadius: radius * 0.42), colour: grey(0.04, 0.35), grid: 0),
            Part(
                shape: .bar(
                    from: head - handle * (radius * 0.2), to: end, startRadius: radius,
                    endRadius: radius * 0.95),
                colour: foam, grid: random.uniform(0, 0.5)),
        ]
    }

    private static func object(_ frame: FaceFrame, _ random: inout MaskRandom) -> [Part] {
        func anyColour() -> MaskColour {
            MaskColour(
                hue: random.uniform(0, 360), saturation: random.uniform(0, 0.8),
                value: random.uniform(0.06, 0.95))
        }
        let centre = frame.point(random.around(0, 0.8), random.uniform(0.7, 1.7))
        let angle = random.uniform(-1.6, 1.6)
        let along = frame.down * Double.cos(angle) + frame.right * Double.sin(angle)
        let unit = frame.unit
        switch random.pick([("telephone", 2.0), ("cup", 2), ("blobs", 1)]) {
        case "telephone":
            let half = unit * random.uniform(0.6, 1.0)
            return [
                Part(
                    shape: .plate(
                        centre: centre, along: along, halfLength: half, halfWidth: half * 0.5,
                        corner: half * 0.12),
                    colour: random.chance(0.6) ? MaskColour(0.07, 0.07, 0.08) : anyColour(), grid: 0)
            ]
        case "cup":
            let radius = unit * random.uniform(0.35, 0.65)
            return [
                Part(
                    shape: .bar(
                        from: centre, to: centre + frame.down * (unit * random.uniform(0.7, 1.6)),
                        startRadius: radius, endRadius: radius * random.uniform(0.7, 1)),
                    colour: anyColour(), grid: 0)
            ]
        default:
            let colour = anyColour()
            return (0..<3).map { _ in
                let a = centre + frame.point(random.around(0, 0.4), random.around(0, 0.3)) - frame.origin
                let b = a + frame.point(random.around(0, 0.4), random.around(0, 0.3)) - frame.origin
                return Part(
                    shape: .bar(
                        from: a, to: b, startRadius: unit * random.uniform(0.1, 0.4),
                        endRadius: unit * random.uniform(0.1, 0.4)), colour: colour, grid: 0)
            }
        }
    }
}
