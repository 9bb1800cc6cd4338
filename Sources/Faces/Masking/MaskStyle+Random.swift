extension MaskStyle {
    /// How often each kind is drawn when none is asked for.
    public static let usualKinds: [MaskKind] = MaskKind.allCases

    /// A random mask as people wear them: mostly surgical, cloth and respirators, mostly well fitted, now and then slipped, askew, or
    /// drawn as plainly as simple tools do.
    /// - Parameter kinds: the kinds to choose from; empty means all.
    public static func random(using random: inout some RandomNumberGenerator, kinds: [MaskKind] = usualKinds)
        -> MaskStyle
    {
        let weights: [MaskKind: Double] = [
            .surgical: 34, .cloth: 24, .kn95: 12, .n95: 10, .stretch: 13, .gaiter: 4, .bandana: 3,
        ]
        let choices = kinds.isEmpty ? MaskKind.allCases : kinds
        let kind = random.pick(choices.map { ($0, weights[$0] ?? 1) })
        var style = MaskStyle(kind)
        style.randomiseShape(&random)
        style.randomiseColours(&random)
        style.randomiseStraps(&random)
        style.randomiseFit(&random)
        style.randomiseRendering(&random)
        return style
    }

    /// `random(using:kinds:)` with a generator seeded with `seed`.
    public static func random(seed: UInt64, kinds: [MaskKind] = usualKinds) -> MaskStyle {
        var generator = MaskRandom(seed: seed)
        return random(using: &generator, kinds: kinds)
    }

    private mutating func randomiseShape(_ random: inout some RandomNumberGenerator) {
        shape.sideAngle = min(random.around(shape.sideAngle, shape.earHoles ? 2 : 6), 112)
        shape.topCentre += random.uniform(-0.10, 0.16)
        shape.topSide += random.uniform(-0.10, 0.12)
        shape.topBow *= random.uniform(0.85, 1.25)
        shape.bottomCentre += random.uniform(-0.06, 0.10)
        shape.bottomSide = max(shape.bottomSide + random.uniform(-0.10, 0.12), shape.topSide + 0.08)
        shape.bottomBow *= random.uniform(0.85, 1.2)
        shape.drape = min(1, shape.drape * random.uniform(0.85, 1.1))
        shape.puff *= random.uniform(0, 2)
        shape.wrinkles *= random.uniform(0.2, 1.8)
        shape.hem *= random.uniform(0.7, 1.3)
        switch kind {
        case .surgical:
            shape.pleats = random.pick([(3, 7), (2, 2), (4, 1)])
        case .n95:
            shape.dome = random.uniform(0.16, 0.34)
            if random.chance(0.3) {
                // Flat-fold respirator in three panels.
                shape.dome *= 0.6
                shape.pleats = 2
            }
        case .kn95:
            shape.ridge = random.uniform(0.12, 0.26)
        case .cloth:
            let build = random.uniform(0, 1)
            shape.seam = build < 0.5
            shape.ridge = build < 0.35 ? random.uniform(0, 0.1) : 0
            shape.pleats = build > 0.8 ? random.pick([(2, 1), (3, 1)]) : 0
            shape.noseWire = random.chance(0.3)
            shape.hem = random.chance(0.7) ? shape.hem : 0
        case .stretch:
            shape.seam = random.chance(0.8)
            shape.ridge = random.chance(0.4) ? random.uniform(0.02, 0.1) : 0
        case .gaiter, .bandana:
            shape.bottomCentre += random.uniform(-0.3, 0.3)
        }
    }

    private mutating func randomiseColours(_ random: inout some RandomNumberGenerator) {
        var colours: [MaskColour]
        var pattern = MaskTexture.Pattern.plain
        switch kind {
        case .surgical:
            let colour: MaskColour = random.pick([
                (MaskColour(0.60, 0.80, 0.92), 40), (MaskColour(0.92, 0.93, 0.94), 22),
                (MaskColour(0.55, 0.82, 0.78), 9),
                (MaskColour(0.09, 0.09, 0.10), 13), (MaskColour(0.93, 0.72, 0.78), 5),
                (MaskColour(0.35, 0.55, 0.82), 6),
                (MaskColour(0.78, 0.70, 0.88), 3), (MaskColour(0.62, 0.64, 0.66), 2),
            ])
            colours = [random.jittered(colour, 0.05), MaskColour(0.93, 0.93, 0.93)]
            if random.chance(0.06) {
                pattern = random.pick([(.floral, 1), (.stripes, 1), (.logo, 1), (.camouflage, 1)])
            }
        case .n95, .kn95:
            let colour: MaskColour = random.pick([
                (MaskColour(0.93, 0.93, 0.92), 66), (MaskColour(0.10, 0.10, 0.11), 14),
                (MaskColour(0.62, 0.65, 0.68), 8),
                (MaskColour(0.60, 0.76, 0.88), 5), (MaskColour(0.88, 0.70, 0.74), 4),
                (MaskColour(0.85, 0.80, 0.70), 3),
            ])
            colours = [
                random.jittered(colour, 0.03), MaskColour(0.25, 0.27, 0.32), MaskColour(0.25, 0.3, 0.5),
            ]
            if random.chance(0.45) { pattern = .logo }
        case .stretch:
            let colour: MaskColour = random.pick([
                (MaskColour(0.10, 0.10, 0.11), 42), (MaskColour(0.33, 0.34, 0.37), 20),
                (MaskColour(0.15, 0.19, 0.32), 10),
                (MaskColour(0.90, 0.89, 0.88), 8), (MaskColour(0.86, 0.62, 0.66), 6),
                (MaskColour(0.20, 0.40, 0.65), 6),
            ])
            colours = [random.jittered(random.chance(0.85) ? colour : random.anyColour(), 0.04)]
            for _ in 0..<2 { colours.append(random.anyColour()) }
            pattern = random.pick([(.plain, 8), (.melange, 1), (.logo, 1), (.camouflage, 0.5)])
        case .cloth, .gaiter, .bandana:
            let ground: MaskColour = random.pick([
                (MaskColour(0.08, 0.08, 0.09), 24), (MaskColour(0.92, 0.91, 0.89), 16),
                (MaskColour(0.14, 0.18, 0.32), 10),
                (MaskColour(0.45, 0.46, 0.48), 8), (random.anyColour(), 42),
            ])
            colours = [random.jittered(ground, 0.04)]
            for _ in 0..<3 {
                colours.append(
                    random.pick([
                        (random.anyColour(), 3), (MaskColour(0.93, 0.92, 0.90), 1.3),
                        (MaskColour(0.07, 0.07, 0.08), 1),
                    ]))
            }
            pattern = random.pick([
                (.plain, 38), (.melange, 8), (.stripes, 6), (.dots, 7), (.checks, 6), (.tartan, 6),
                (.floral, 11), (.camouflage, 7),
                (.gradient, 3), (.tieDye, 3), (.geometric, 4), (.logo, 10),
            ])
            if random.chance(0.12) {
                trim = random.chance(0.5) ? MaskColour(0.07, 0.07, 0.08) : random.anyColour()
            }
        }
        let scale =
            switch pattern {
            case .stripes, .dots, .checks, .geometric: random.uniform(0.06, 0.3)
            case .tartan: random.uniform(0.25, 0.7)
            case .camouflage: random.uniform(0.2, 0.6)
            default: random.uniform(0.14, 0.5)
            }
        texture = MaskTexture(
            pattern, colours: colours, scale: scale,
            angle: random.pick([(0, 3), (90, 2), (45, 1), (random.uniform(0, 180), 1)]),
            grain: random.uniform(0.08, kind == .cloth ? 0.5 : 0.3), seed: random.next())
        if kind == .n95 || kind == .kn95 || kind == .cloth,
            random.chance(kind == .n95 ? 0.4 : kind == .kn95 ? 0.25 : 0.05)
        {
            let centred = kind == .n95 && random.chance(0.6)
            valve = MaskValve(
                across: centred
                    ? random.around(0, 0.03) : (random.chance(0.5) ? 1 : -1) * random.uniform(0.3, 0.5),
                down: random.uniform(0.5, 0.66), radius: random.uniform(0.16, 0.24),
                colour: random.pick([
                    (MaskColour(0.9, 0.9, 0.9), 6), (MaskColour(0.15, 0.15, 0.16), 2),
                    (MaskColour(0.25, 0.55, 0.45), 1),
                    (MaskColour(0.5, 0.55, 0.6), 1),
                ]))
        }
    }

    private mutating func randomiseStraps(_ random: inout some RandomNumberGenerator) {
        let kinds: [(MaskStraps.Kind, Double)] =
            switch kind {
            case .surgical: [(.earLoops, 92), (.none, 8)]
            case .n95: [(.headBands, 70), (.earLoops, 25), (.none, 5)]
            case .kn95, .cloth: [(.earLoops, 90), (.headBands, 4), (.none, 6)]
            case .stretch, .gaiter, .bandana: [(.none, 1)]
            }
        straps.kind = random.pick(kinds)
        switch kind {
        case .n95:
            straps.colour = random.pick([
                (MaskColour(0.90, 0.82, 0.50), 4), (MaskColour(0.92, 0.92, 0.9), 4),
                (MaskColour(0.12, 0.12, 0.13), 2),
            ])
        case .cloth:
            straps.colour = random.pick([
                (MaskColour(0.08, 0.08, 0.09), 5), (MaskColour(0.92, 0.92, 0.9), 4), (texture.colours[0], 3),
            ])
        default: straps.colour = random.pick([(MaskColour(0.93, 0.93, 0.92), 7), (texture.colours[0], 3)])
        }
        straps.width = random.uniform(0.03, kind == .cloth ? 0.09 : 0.07)
        straps.slack = random.uniform(-0.01, 0.09)
        straps.visible = random.chance(0.65) ? 1 : random.uniform(0.2, 0.9)
    }

    private mutating func randomiseFit(_ random: inout some RandomNumberGenerator) {
        fit.position = random.pick([(.normal, 92), (.belowNose, 6), (.belowChin, 2)])
        fit.scale = random.around(1, 0.06)
        let askew = random.chance(0.08)
        fit.tilt = max(-14, min(14, random.normal(0, askew ? 6 : 1.6)))
        fit.shift = max(-0.16, min(0.16, random.normal(0, askew ? 0.07 : 0.02)))
        fit.rise = max(-0.22, min(0.1, random.normal(0, 0.03)))
        // Slipped down the nose.
        if fit.position == .normal, random.chance(0.10) { fit.rise -= random.uniform(0.05, 0.16) }
    }

    private mutating func randomiseRendering(_ random: inout some RandomNumberGenerator) {
        rendering.light = random.pick([(.photo, 90), (.baked, 7), (.flat, 3)])
        rendering.exposure = random.uniform(0.78, 1.15)
        rendering.contrast = random.uniform(0.75, 1.2)
        rendering.contactShadow = random.uniform(0.15, 0.6)
        rendering.softness = random.chance(0.2) ? random.uniform(0, 0.02) : 0
        rendering.noise = random.uniform(0.6, 1.3)
        rendering.jpegQuality = random.chance(0.4) ? Int(random.uniform(45, 95)) : nil
    }
}

extension RandomNumberGenerator {
    fileprivate mutating func anyColour() -> MaskColour {
        MaskColour(
            hue: uniform(0, 360), saturation: uniform(0, 1).squareRoot() * 0.85, value: uniform(0.12, 0.95))
    }

    fileprivate mutating func jittered(_ c: MaskColour, _ spread: Double) -> MaskColour {
        let light = uniform(-spread, spread)
        func move(_ x: Double) -> Double {
            min(1, max(0.02, x + light + self.uniform(-spread, spread) * 0.5))
        }
        return MaskColour(move(c.red), move(c.green), move(c.blue))
    }
}
