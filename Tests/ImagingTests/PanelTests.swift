import Foundation
import Imaging
import Testing

@Suite struct PanelTests {
    private func pixel(_ image: Image, _ x: Int, _ y: Int) -> [UInt8] {
        Array(image.pixels[((y * image.width + x) * 3)..<((y * image.width + x) * 3 + 3)])
    }

    /// The pasted picture is in the panel exactly, when it is not scaled.
    private func contains(_ panel: Image, _ picture: Image, x: Int, y: Int) -> Bool {
        (0..<picture.height).allSatisfy { row in
            let from = ((y + row) * panel.width + x) * 3
            return panel.pixels[from..<(from + picture.width * 3)]
                == picture.pixels[(row * picture.width * 3)..<((row + 1) * picture.width * 3)]
        }
    }

    @Test func rowsBringImagesToOneHeight() throws {
        let style = Panel.Style()
        let tall = try pattern(40, 60)
        let low = try pattern(30, 30)
        let row = try Panel.row([tall, low])
        #expect(row.width == 2 * style.margin + 40 + style.gap + 60)
        #expect(row.height == 2 * style.margin + 60)
        #expect(contains(row, tall, x: style.margin, y: style.margin))
        #expect(pixel(row, 0, 0) == [255, 255, 255])
        let fixed = try Panel.row([tall, low], height: 30)
        #expect(contains(fixed, low, x: style.margin + 20 + style.gap, y: style.margin))
    }

    @Test func labelsStandOverTheirImages() throws {
        let style = Panel.Style()
        let image = Image(width: 90, height: 50, channels: 3, fill: 255)
        let row = try Panel.row([image, image], labels: ["before", "after"], title: "Title")
        let top = row.height - style.margin - 50
        for (x, isInked) in [(style.margin, true), (style.margin + 90 + style.gap, true)] {
            let dark = (style.margin + 20..<top).contains { y in
                (x..<(x + 90)).contains { pixel(row, $0, y)[0] < 128 }
            }
            #expect(dark == isInked)
        }
        // Nothing is written over the images themselves.
        #expect(contains(row, image, x: style.margin, y: top))
    }

    @Test func gridsHaveFramesAndCaptions() throws {
        let style = Panel.Style()
        let edge = Int(style.frame)
        let image = try pattern(40, 40)
        let sheet = try Panel.grid(
            [image, image, image], columns: 2, captions: ["1", "2", "3"], frames: [.green, .red, nil])
        #expect(sheet.width == 2 * style.margin + 2 * (40 + 2 * edge) + style.gap)
        #expect(contains(sheet, image, x: style.margin + edge, y: style.margin + edge))
        #expect(
            pixel(sheet, style.margin + 1, style.margin + 1) == [
                Colour.green.red, Colour.green.green, Colour.green.blue,
            ])
        let second = style.margin + 40 + 2 * edge + style.gap
        #expect(
            pixel(sheet, second + 1, style.margin + 1) == [Colour.red.red, Colour.red.green, Colour.red.blue])
        let under = (style.margin + 40 + 2 * edge)..<(style.margin + 40 + 2 * edge + 20)
        #expect(
            under.contains { y in
                (style.margin..<(style.margin + 50)).contains { pixel(sheet, $0, y)[0] < 128 }
            })
    }

    @Test func gridsTakeEveryKindOfImage() throws {
        let images = [try pattern(40, 20, channels: 1), try pattern(20, 40, channels: 4), try pattern(3, 3)]
        let sheet = try Panel.grid(images, columns: 3, cell: (64, 48))
        #expect(sheet.channels == 3 && sheet.height == 2 * Panel.Style().margin + 48)
    }

    @Test func longCaptionsAreShortened() throws {
        let image = Image(width: 60, height: 30, channels: 3, fill: 255)
        let text = String(repeating: "a very long file name ", count: 10)
        let sheet = try Panel.grid([image, image], columns: 2, captions: [text, ""])
        // The second cell stays free.
        let right = Panel.Style().margin + 60 + Panel.Style().gap
        for y in 0..<sheet.height {
            for x in right..<sheet.width { #expect(pixel(sheet, x, y) == [255, 255, 255]) }
        }
    }

    @Test func stacksKeepTheirRows() throws {
        let wide = try pattern(50, 10)
        let narrow = try pattern(20, 15)
        let stack = try Panel.stack([wide, narrow], gap: 3)
        #expect(stack.width == 50 && stack.height == 28)
        #expect(contains(stack, wide, x: 0, y: 0) && contains(stack, narrow, x: 0, y: 13))
        #expect(pixel(stack, 49, 20) == [255, 255, 255])
    }

    @Test func refusesWhatDoesNotFit() throws {
        let image = try pattern(8, 8)
        #expect(throws: ImagingError.invalidArgument("a panel needs at least one image")) {
            try Panel.row([])
        }
        let error = #expect(throws: ImagingError.self) { try Panel.row([image, image], labels: ["one"]) }
        #expect(error.map { "\($0)".contains("2 images with 1 labels") } == true)
        #expect(throws: ImagingError.self) { try Panel.grid([image], columns: 0) }
        #expect(throws: ImagingError.self) { try Panel.grid([image], columns: 1, captions: ["a", "b"]) }
        #expect(throws: ImagingError.self) { try Panel.grid([image], columns: 1, cell: (0, 5)) }
        #expect(throws: ImagingError.self) { try Panel.row([image], height: 0) }
    }
}
