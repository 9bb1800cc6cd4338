/// Everything that describes one mask and how it is worn. Lengths are in distances between the eyes' centres (about 63 mm), angles in
/// degrees, colours sRGB 0…1.
public struct MaskStyle: Sendable, Equatable, Codable {
    public var kind: MaskKind
    public var texture: MaskTexture
    public var shape: MaskShape
    public var fit: MaskFit
    public var straps: MaskStraps
    /// An exhalation valve.
    public var valve: MaskValve?
    /// Colour of the hem where it differs from the fabric.
    public var trim: MaskColour?
    public var rendering: MaskRendering

    public init(
        kind: MaskKind, texture: MaskTexture, shape: MaskShape, fit: MaskFit = MaskFit(), straps: MaskStraps,
        valve: MaskValve? = nil, trim: MaskColour? = nil, rendering: MaskRendering = MaskRendering()
    ) {
        self.kind = kind
        self.texture = texture
        self.shape = shape
        self.fit = fit
        self.straps = straps
        self.valve = valve
        self.trim = trim
        self.rendering = rendering
    }

    /// The commonest look of a kind, normally worn.
    public init(_ kind: MaskKind) {
        let white = MaskColour(0.93, 0.93, 0.92)
        switch kind {
        case .surgical:
            self.init(
                kind: kind, texture: MaskTexture(colours: [MaskColour(0.58, 0.78, 0.90), white]),
                shape: MaskShape(kind),
                straps: MaskStraps(.earLoops, colour: white))
        case .n95:
            self.init(
                kind: kind, texture: MaskTexture(colours: [white]), shape: MaskShape(kind),
                straps: MaskStraps(.headBands, colour: MaskColour(0.90, 0.80, 0.45)))
        case .kn95:
            self.init(
                kind: kind, texture: MaskTexture(colours: [white]), shape: MaskShape(kind),
                straps: MaskStraps(.earLoops, colour: white))
        case .cloth:
            self.init(
                kind: kind, texture: MaskTexture(colours: [MaskColour(0.16, 0.20, 0.33), white]),
                shape: MaskShape(kind),
                straps: MaskStraps(.earLoops, colour: MaskColour(0.1, 0.1, 0.12)))
        case .stretch:
            self.init(
                kind: kind, texture: MaskTexture(colours: [MaskColour(0.17, 0.17, 0.19)]),
                shape: MaskShape(kind),
                straps: MaskStraps(.none, colour: white))
        case .gaiter, .bandana:
            self.init(
                kind: kind, texture: MaskTexture(colours: [MaskColour(0.45, 0.12, 0.14), white]),
                shape: MaskShape(kind),
                straps: MaskStraps(.none, colour: white))
        }
    }
}

/// The make of a mask.
public enum MaskKind: String, Sendable, Codable, CaseIterable {
    /// Flat rectangle with horizontal pleats.
    case surgical
    /// Moulded cup, usually with head bands.
    case n95
    /// Two flat panels that meet in a vertical fold.
    case kn95
    /// Sewn fabric with a centre seam or pleats.
    case cloth
    /// One piece of elastic foam or knitwear whose ends loop around the ears.
    case stretch
    /// A tube of fabric around the lower face and neck.
    case gaiter
    /// A folded triangle of fabric.
    case bandana
}

/// An sRGB colour, 0…1.
public struct MaskColour: Sendable, Equatable, Codable {
    public var red: Double
    public var green: Double
    public var blue: Double

    public init(_ red: Double, _ green: Double, _ blue: Double) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Hue in degrees, saturation and value 0…1.
    public init(hue: Double, saturation: Double, value: Double) {
        func channel(_ n: Double) -> Double {
            let k = (n + hue / 60).truncatingRemainder(dividingBy: 6)
            return value - value * saturation * max(0, min(k, 4 - k, 1))
        }
        self.init(channel(5), channel(3), channel(1))
    }

    /// Linear with gamma 2, the encoding that the compositor uses.
    var linear: Vector3 {
        let c = Vector3(Float(red), Float(green), Float(blue)).clamped(lowerBound: .zero, upperBound: .one)
        return c * c
    }
}

/// The fabric's print.
public struct MaskTexture: Sendable, Equatable, Codable {
    public enum Pattern: String, Sendable, Codable, CaseIterable {
        case plain, melange, stripes, dots, checks, tartan, floral, camouflage, gradient, tieDye, geometric,
            logo
    }

    public var pattern: Pattern
    /// The ground colour first; patterns use as many of the others as they have.
    public var colours: [MaskColour]
    /// Size of the pattern's repeat, in eye distances.
    public var scale: Double
    /// Direction of stripes and gradients, degrees.
    public var angle: Double
    /// Strength of the fabric's own grain, 0…1.
    public var grain: Double
    /// Seeds random elements of the pattern.
    public var seed: UInt64

    public init(
        _ pattern: Pattern = .plain, colours: [MaskColour], scale: Double = 0.3, angle: Double = 0,
        grain: Double = 0.25,
        seed: UInt64 = 0
    ) {
        self.pattern = pattern
        self.colours = colours
        self.scale = scale
        self.angle = angle
        self.grain = grain
        self.seed = seed
    }
}

/// The strings or bands that hold the mask.
public struct MaskStraps: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case none, earLoops, headBands
    }

    public var kind: Kind
    public var colour: MaskColour
    /// Width in eye distances.
    public var width: Double
    /// How far the loop hangs from the shortest way, in eye distances.
    public var slack: Double
    /// Share of the way to the ear after which hair hides the strap; 1 shows it all.
    public var visible: Double

    public init(
        _ kind: Kind, colour: MaskColour, width: Double = 0.05, slack: Double = 0.04, visible: Double = 1
    ) {
        self.kind = kind
        self.colour = colour
        self.width = width
        self.slack = slack
        self.visible = visible
    }
}

/// A round exhalation valve. Position across (-1…1) and down (0…1) the mask, radius in eye distances.
public struct MaskValve: Sendable, Equatable, Codable {
    public var across: Double
    public var down: Double
    public var radius: Double
    public var colour: MaskColour

    public init(across: Double, down: Double, radius: Double, colour: MaskColour) {
        self.across = across
        self.down = down
        self.radius = radius
        self.colour = colour
    }
}

/// How the mask sits.
public struct MaskFit: Sendable, Equatable, Codable {
    public enum Position: String, Sendable, Codable, CaseIterable {
        /// Nose, mouth and chin covered.
        case normal
        /// Slipped down: the nose is free.
        case belowNose
        /// Pulled under the chin: nose and mouth are free.
        case belowChin
    }

    public var position: Position
    /// Upwards shift, eye distances.
    public var rise: Double
    /// Sideways shift towards the right of the picture, eye distances.
    public var shift: Double
    /// Askew: clockwise turn in the picture, degrees.
    public var tilt: Double
    /// Size of the mask relative to the usual.
    public var scale: Double

    public init(
        _ position: Position = .normal, rise: Double = 0, shift: Double = 0, tilt: Double = 0,
        scale: Double = 1
    ) {
        self.position = position
        self.rise = rise
        self.shift = shift
        self.tilt = tilt
        self.scale = scale
    }
}

/// How the mask is lit and blended.
public struct MaskRendering: Sendable, Equatable, Codable {
    public enum Light: String, Sendable, Codable, CaseIterable {
        /// Light direction, shadows, exposure, noise and blur are estimated from the photo.
        case photo
        /// A fixed light from above, as when a picture of a mask is warped onto the face.
        case baked
        /// No shading at all.
        case flat
    }

    public var light: Light
    /// Factor on the mask's brightness.
    public var exposure: Double
    /// Factor on the contrast of the shading.
    public var contrast: Double
    /// Darkening of the skin beside the edge, 0…1.
    public var contactShadow: Double
    /// Further blur, as a share of the eye distance.
    public var softness: Double
    /// Factor on the photo's noise.
    public var noise: Double
    /// JPEG quality 1…100 that the mask's pixels go through, nil for none.
    public var jpegQuality: Int?

    public init(
        light: Light = .photo, exposure: Double = 1, contrast: Double = 1, contactShadow: Double = 0.45,
        softness: Double = 0,
        noise: Double = 1, jpegQuality: Int? = nil
    ) {
        self.light = light
        self.exposure = exposure
        self.contrast = contrast
        self.contactShadow = contactShadow
        self.softness = softness
        self.noise = noise
        self.jpegQuality = jpegQuality
    }
}
