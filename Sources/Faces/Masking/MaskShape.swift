/// Cut and build of a mask. Heights are measured down from the line between the eyes (nose tip 0.44, mouth 1.0, chin 1.73), lengths in
/// eye distances.
public struct MaskShape: Sendable, Equatable, Codable {
    /// Azimuth of the side edges seen from the head's axis, degrees (ears at 90).
    public var sideAngle: Double
    /// Height of the upper edge on the nose and at the sides, and the exponent of the curve between.
    public var topCentre: Double
    public var topSide: Double
    public var topBow: Double
    /// Height of the lower edge below the chin and at the sides, and the exponent of the curve between.
    public var bottomCentre: Double
    public var bottomSide: Double
    public var bottomBow: Double
    /// 0 follows the skin, 1 hangs taut from nose to chin and from nose to cheeks.
    public var drape: Double
    /// How far the middle bulges.
    public var puff: Double
    /// Height of a moulded cup.
    public var dome: Double
    /// Height of the fold down the middle.
    public var ridge: Double
    /// Number of horizontal pleats.
    public var pleats: Int
    /// A seam down the middle.
    public var seam: Bool
    /// A wire that pinches the upper edge to the nose.
    public var noseWire: Bool
    /// Width of the hem along the edges; 0 for a raw edge.
    public var hem: Double
    /// Depth of random wrinkles.
    public var wrinkles: Double
    /// The sides reach the ears and have a hole for them.
    public var earHoles: Bool

    public init(
        sideAngle: Double, topCentre: Double, topSide: Double, topBow: Double, bottomCentre: Double,
        bottomSide: Double,
        bottomBow: Double, drape: Double, puff: Double = 0, dome: Double = 0, ridge: Double = 0,
        pleats: Int = 0, seam: Bool = false,
        noseWire: Bool = false, hem: Double = 0, wrinkles: Double = 0, earHoles: Bool = false
    ) {
        self.sideAngle = sideAngle
        self.topCentre = topCentre
        self.topSide = topSide
        self.topBow = topBow
        self.bottomCentre = bottomCentre
        self.bottomSide = bottomSide
        self.bottomBow = bottomBow
        self.drape = drape
        self.puff = puff
        self.dome = dome
        self.ridge = ridge
        self.pleats = pleats
        self.seam = seam
        self.noseWire = noseWire
        self.hem = hem
        self.wrinkles = wrinkles
        self.earHoles = earHoles
    }

    /// The usual shape of a kind.
    public init(_ kind: MaskKind) {
        switch kind {
        case .surgical:
            self.init(
                sideAngle: 64, topCentre: 0.14, topSide: 0.44, topBow: 1.4, bottomCentre: 1.82,
                bottomSide: 1.36, bottomBow: 2.3,
                drape: 0.9, puff: 0.03, pleats: 3, noseWire: true, hem: 0.07, wrinkles: 0.012)
        case .n95:
            self.init(
                sideAngle: 55, topCentre: 0.10, topSide: 0.90, topBow: 2.2, bottomCentre: 1.78,
                bottomSide: 1.05, bottomBow: 2.3,
                drape: 0.85, dome: 0.26, noseWire: true, hem: 0.08, wrinkles: 0.004)
        case .kn95:
            self.init(
                sideAngle: 62, topCentre: 0.10, topSide: 0.56, topBow: 1.25, bottomCentre: 1.82,
                bottomSide: 1.10, bottomBow: 1.5,
                drape: 0.95, ridge: 0.20, noseWire: true, hem: 0.06, wrinkles: 0.008)
        case .cloth:
            self.init(
                sideAngle: 66, topCentre: 0.12, topSide: 0.50, topBow: 1.5, bottomCentre: 1.84,
                bottomSide: 1.22, bottomBow: 2.1,
                drape: 0.85, puff: 0.03, seam: true, hem: 0.05, wrinkles: 0.02)
        case .stretch:
            self.init(
                sideAngle: 98, topCentre: 0.16, topSide: 0.20, topBow: 2.0, bottomCentre: 1.84,
                bottomSide: 0.95, bottomBow: 2.0,
                drape: 0.6, seam: true, wrinkles: 0.008, earHoles: true)
        case .gaiter:
            self.init(
                sideAngle: 110, topCentre: 0.16, topSide: 0.52, topBow: 1.6, bottomCentre: 2.6,
                bottomSide: 2.5, bottomBow: 2.0,
                drape: 0.7, wrinkles: 0.05)
        case .bandana:
            self.init(
                sideAngle: 100, topCentre: 0.16, topSide: 0.50, topBow: 1.5, bottomCentre: 2.5,
                bottomSide: 1.25, bottomBow: 1.1,
                drape: 0.9, puff: 0.05, hem: 0.03, wrinkles: 0.05)
        }
    }
}
