import Foundation

/// What is to be deleted.
public enum GallerySelection: Sendable, Equatable {
    /// Every image of a person.
    case person(String)
    /// One entry.
    case image(Int64)
    /// Every entry that came from a file.
    case path(String)
    /// Every image taken before this time; images without a time count by when they were added.
    case before(Date)
}
