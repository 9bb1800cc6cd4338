import CommandLineKit
import Imaging
import Resources

/// `semblance-bench enlarge`: makes a photo of 12 million pixels for the measurement of memory.
struct EnlargeCommand: Command {
    static let name = "enlarge"
    static let abstract = "Write a part of the example photo as a JPEG of 4000x3000 pixels."

    @Option(short: "o", help: "The JPEG to write.", value: "FILE") var output: FilePath
    @Option(help: "Width of the part in pixels; 240 is filled by the face.", in: .between(120, 512))
    var part: Int = 240

    func run(_ invocation: Invocation) throws {
        let photo = try Image.read(ResourceLocator.standard.photo("astronaut.png")).rgb()
        let height = part * 3 / 4
        // Around the face, whose middle is at (222, 115), as far as the photo reaches.
        let left = max(0, min(photo.width - part, 222 - part / 2))
        let top = max(0, min(photo.height - height, 115 - height / 2))
        let move = AffineTransform2D(a: 1, b: 0, c: -Double(left), d: 0, e: 1, f: -Double(top))
        try photo.warped(by: move, width: part, height: height).resized(width: 4000, height: 3000)
            .writeJPEG(output.string)
    }
}
