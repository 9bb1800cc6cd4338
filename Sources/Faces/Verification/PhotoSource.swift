import Imaging

/// Where the photos of a list of pairs come from.
public protocol PhotoSource: AnyObject {
    /// Looks for all of them before any work is done.
    /// - Throws: `FacesError.invalidArgument` telling how many are missing and naming the first.
    func locate(_ photos: [VerificationPair.Photo]) throws

    /// The pixels, RGB.
    /// - Throws: `ImagingError` for an unreadable photo.
    func image(_ photo: VerificationPair.Photo) throws -> Image

    /// What reports call the photo.
    func name(_ photo: VerificationPair.Photo) -> String

    /// Changes when the photo does: names it in a cache.
    func fingerprint(_ photo: VerificationPair.Photo) -> String
}
