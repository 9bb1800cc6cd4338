/// One of the ways in which a photo is shown to a recogniser.
public struct PhotoView: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// As it is.
    public static let clean = PhotoView(rawValue: "clean")
    /// Wearing a mask.
    public static let masked = PhotoView(rawValue: "masked")
    /// Wearing a mask whose face was then recovered.
    public static let recovered = PhotoView(rawValue: "recovered")
    /// A clean photo of a known person, given a plain mask so that it can be compared with masked ones.
    public static let enrolledMasked = PhotoView(rawValue: "enrolled-masked")
    /// A clean photo of a known person, given a plain mask whose face was then recovered.
    public static let enrolledRecovered = PhotoView(rawValue: "enrolled-recovered")
}
