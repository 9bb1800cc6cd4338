import Foundation
import Imaging
import Unmasking

/// One picture of many results, to be looked at and counted: every face with what surrounds it, as it was and as recovered. Faces that
/// were taken for unmasked stand in a frame.
struct FaceSheet {
    private var cells: [Image] = []
    private var captions: [String] = []
    private var frames: [Colour?] = []
    private static let columns = 6

    /// - Parameters:
    ///   - photo: the photo that the face is from.
    ///   - recovered: the same photo with all its faces recovered.
    ///   - file: for the caption.
    mutating func add(_ face: Unmasker.Face, of photo: Image, in recovered: Image, from file: String)
        throws(ImagingError)
    {
        cells.append(try ComparisonPanel.beforeAndAfter(face, before: photo, after: recovered))
        captions.append(URL(fileURLWithPath: file).lastPathComponent)
        frames.append(face.isMasked ? nil : Colour(230, 140, 20))
    }

    /// Nothing is written where no face was found.
    func write(to path: String) throws(ImagingError) {
        guard !cells.isEmpty else { return }
        let masked = frames.count { $0 == nil }
        try Panel.grid(
            cells, columns: Self.columns, captions: captions, frames: frames,
            title:
                "\(cells.count) faces, before and after; \(masked) with a mask, the others framed and left alone"
        )
        .writePNG(path)
    }
}
