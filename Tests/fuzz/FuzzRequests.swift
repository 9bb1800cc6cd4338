// Feeds the request parser: the first byte chooses what the rest is.

import Foundation

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let start, count > 1 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    switch start[0] % 6 {
    case 0: _ = try? RequestTarget(bytes)
    case 1:
        // The boundary is what stands before the first line feed.
        let end = bytes.firstIndex(of: 10) ?? bytes.startIndex
        form(Array(bytes[end...]), boundary: String(decoding: bytes[..<end], as: UTF8.self))
    case 2: form(bytes, boundary: "b")
    case 3:
        if let type = try? MediaType(String(decoding: bytes, as: UTF8.self)) {
            precondition(type.name.contains("/"))
        }
    case 4:
        _ = AcceptList([String(decoding: bytes, as: UTF8.self)]).best(of: ["application/json", "image/png"])
    default:
        var fields = HTTPFields()
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            fields.add(sides[0], sides.count == 2 ? sides[1] : "")
        }
        try? HostPolicy(HostPolicy.loopback).check(fields)
    }
    return 0
}

/// Whatever is in a form must lie in its body, part after part.
private func form(_ body: [UInt8], boundary: String) {
    guard let form = try? MultipartForm(body, boundary: boundary) else { return }
    var last = 0
    for part in form.parts {
        precondition(part.range.lowerBound >= last && part.range.upperBound <= body.count)
        precondition(form.content(part).count == part.range.count)
        last = part.range.upperBound
    }
    if let items = try? form.values() {
        for item in items.items { _ = try? items.integer(item.name, in: 0...10) }
        _ = try? items.allow(["image"])
    }
}
