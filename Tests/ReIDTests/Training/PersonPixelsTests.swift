import ReID
import Testing
import Torch

@Suite struct PersonPixelsTests {
    @Test("bytes and fractions give the same, by ImageNet's constants") func normalises() throws {
        // (124/255 - 0.485) / 0.229, (116/255 - 0.456) / 0.224, (104/255 - 0.406) / 0.225, by hand.
        let expected: [Float] = [0.0055655, -0.0049020, 0.0081917]
        let bytes = try Tensor([124, 116, 104] as [UInt8], shape: [1, 3, 1, 1])
        let fractions = try Tensor([124, 116, 104].map { Float($0) / 255 }, shape: [1, 3, 1, 1])
        for pixels in [bytes, fractions] {
            let result = try PersonPixels.normalised(pixels).floats()
            #expect(zip(result, expected).allSatisfy { abs($0 - $1) < 1e-5 }, "\(result)")
        }
    }
}
