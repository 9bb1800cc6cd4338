/// One of the ways in which a photo is shown to a recogniser.
public struct PhotoView: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// As it is.
    public static let clean = PhotoView(rawValue: "clean")
    /// Wearing a mask.
    public static let masked = PhotoView(rawValue: "masked")
    /// Wearing a mask, cut out by landmarks that the mask did not mislead.
    public static let realigned = PhotoView(rawValue: "realigned")
    /// Wearing a mask whose face was then recovered.
    public static let recovered = PhotoView(rawValue: "recovered")
    /// A clean photo of a known person, given a plain mask so that it can be compared with masked ones.
    public static let enrolledMasked = PhotoView(rawValue: "enrolled-masked")
    /// The same, cut out as `realigned` is.
    public static let enrolledRealigned = PhotoView(rawValue: "enrolled-realigned")
    /// A clean photo of a known person, given a plain mask whose face was then recovered.
    public static let enrolledRecovered = PhotoView(rawValue: "enrolled-recovered")
}
