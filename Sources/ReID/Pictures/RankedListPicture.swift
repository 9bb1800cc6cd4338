import Foundation
import Imaging

/// The picture of one query's first results: the query on the left, framed blue, then the results, right ones framed green, wrong ones
/// red, each with its camera and distance.
public struct RankedListPicture {
    /// Height of each photo in pixels; all are shown in the proportions 1:2.
    public var height = 192

    public init() {}

    /// - Parameters:
    ///   - evaluation: whose feature files know the images' paths.
    ///   - path: turns a stored path into that of a file.
    /// - Throws: `ReIDError.invalidArgument` if the paths are not known, `ImagingError` naming an image that cannot be read.
    public func image(
        _ list: RankedList, of evaluation: ReIDEvaluation, path: (String) -> String = { $0 }
    ) throws -> Image {
        guard let queries = evaluation.query.paths, let gallery = evaluation.gallery.paths else {
            throw ReIDError.invalidArgument(
                "ranked lists show photos, but the feature files hold no 'paths' in their metadata; write them with 'semblance embed person'"
            )
        }
        func photo(_ stored: String) throws -> Image {
            try Image.read(path(stored)).rgb().resized(width: height / 2, height: height, filter: .bicubic)
        }
        var photos = [try photo(queries[list.query])]
        var captions = [
            "query, camera \(evaluation.query.name(ofCamera: evaluation.query.cameras[list.query]))"
        ]
        var frames: [Colour?] = [.blue]
        for entry in list.entries {
            photos.append(try photo(gallery[entry.image]))
            captions.append(
                "camera \(evaluation.gallery.name(ofCamera: evaluation.gallery.cameras[entry.image])), \(String(format: "%.3f", entry.distance))"
            )
            frames.append(entry.isCorrect ? .green : .red)
        }
        let precision =
            list.averagePrecision.map { String(format: "average precision %.1f %%", $0 * 100) }
            ?? "no correct match in the gallery"
        var style = Panel.Style()
        style.frame = 4
        style.textSize = 10
        return try Panel.grid(
            photos, columns: photos.count, captions: captions, frames: frames,
            title:
                "Person \(evaluation.query.ids[list.query]): \(precision), \(list.entries.count { $0.isCorrect }) of the first \(list.entries.count) right",
            style: style)
    }
}

extension Double {
    /// To the base ten.
    var logarithm: Double { log10(self) }
}
