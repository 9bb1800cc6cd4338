/// A body of type `multipart/form-data` (RFC 7578), taken apart.
public struct MultipartForm: Equatable, Sendable {
    /// What a form may hold.
    public struct Limits: Sendable, Equatable {
        public var parts = 32
        /// Bytes of the headers of one part.
        public var headerBytes = 4096
        /// Bytes of a part that is no file.
        public var valueBytes = 65_536

        public init() {}
    }

    public struct Part: Equatable, Sendable {
        public let name: String
        /// Given for files. It is what the client calls the file, and is used for nothing but telling files from values.
        public let fileName: String?
        public let type: MediaType?
        /// Where the content lies in the body.
        public let range: Range<Int>
    }

    private let body: [UInt8]
    public let parts: [Part]

    /// - Parameters:
    ///   - body: the whole body.
    ///   - boundary: from the Content-Type header, 1 to 70 bytes.
    /// - Throws: `HTTPProblem` (400) naming what is wrong: no boundary line, an unfinished part, a part without a name, too
    ///   many parts.
    public init(_ body: [UInt8], boundary: String, limits: Limits = Limits()) throws(HTTPProblem) {
        let mark = Array("--\(boundary)".utf8)
        guard (3...72).contains(mark.count) else {
            throw .badRequest("the form's boundary has \(mark.count - 2) bytes, expected 1 to 70")
        }
        self.body = body
        let scanner = BoundaryScanner(body, mark: mark)
        guard let first = scanner.next(from: 0), first.lowerBound == 0 || body[first.lowerBound - 1] == 0x0A
        else { throw .badRequest("the form's first boundary line is missing") }
        var parts: [Part] = []
        var line = first
        while true {
            var start = line.upperBound
            if body[start...].starts(with: [0x2D, 0x2D]) { break }
            // Spaces may follow the boundary.
            while start < body.count, body[start] == 0x20 || body[start] == 0x09 { start += 1 }
            guard body[start...].starts(with: [0x0D, 0x0A]) else {
                throw .badRequest("a boundary line of the form does not end in CR LF")
            }
            guard parts.count < limits.parts else {
                throw .badRequest("the form has more than \(limits.parts) parts")
            }
            guard let next = scanner.next(from: start), next.lowerBound >= start + 2,
                body[next.lowerBound - 2] == 0x0D, body[next.lowerBound - 1] == 0x0A
            else { throw .badRequest("part \(parts.count + 1) of the form is not closed by a boundary line") }
            parts.append(
                try Self.part(
                    body, start..<(next.lowerBound - 2), number: parts.count + 1, limits: limits))
            line = next
        }
        self.parts = parts
    }

    /// - Parameter range: from the CR LF behind the boundary to the CR LF before the next one, which may be the same.
    private static func part(_ body: [UInt8], _ range: Range<Int>, number: Int, limits: Limits)
        throws(HTTPProblem) -> Part
    {
        var disposition: String?
        var type: MediaType?
        var position = range.lowerBound + 2
        while true {
            guard position <= range.upperBound else {
                throw .badRequest("part \(number) of the form has no empty line after its headers")
            }
            guard position - range.lowerBound <= limits.headerBytes else {
                throw .badRequest("the headers of part \(number) exceed \(limits.headerBytes) bytes")
            }
            let window = body[position..<min(range.upperBound, position + limits.headerBytes)]
            guard let end = window.firstRange(of: [0x0D, 0x0A])?.lowerBound else {
                throw .badRequest("part \(number) of the form has no empty line after its headers")
            }
            let line = body[position..<end]
            position = end + 2
            if line.isEmpty { break }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(FieldParser.isToken),
                let value = String(validating: line[(colon + 1)...], as: UTF8.self)
            else { throw .badRequest("a header of part \(number) of the form is not NAME: VALUE in UTF-8") }
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-disposition":
                guard disposition == nil else {
                    throw .badRequest("part \(number) of the form has two Content-Disposition headers")
                }
                disposition = value
            case "content-type": type = try MediaType(value.trimmingSpaces())
            default: break
            }
        }
        var parser = FieldParser(disposition?.trimmingSpaces() ?? "")
        guard parser.token()?.lowercased() == "form-data" else {
            throw .badRequest("part \(number) of the form has no 'Content-Disposition: form-data'")
        }
        let parameters = try parser.parameters(of: "Content-Disposition")
        guard let name = parameters["name"], !name.isEmpty else {
            throw .badRequest("part \(number) of the form has no name")
        }
        let content = position..<range.upperBound
        if parameters["filename"] == nil, content.count > limits.valueBytes {
            throw HTTPProblem(
                .contentTooLarge,
                "part \(number) of the form is a value of \(content.count) bytes, the limit is \(limits.valueBytes)"
            )
        }
        return Part(name: name, fileName: parameters["filename"], type: type, range: content)
    }

    /// The bytes of a part.
    public func content(_ part: Part) -> [UInt8] { Array(body[part.range]) }

    /// The parts that are no files, as texts.
    /// - Throws: `HTTPProblem` (400) for one that is no UTF-8 or, as in addresses, holds control characters.
    public func values(except files: Set<String> = []) throws(HTTPProblem) -> FormItems {
        var items: [FormItems.Item] = []
        for part in parts where part.fileName == nil && !files.contains(part.name) {
            guard let text = String(validating: body[part.range], as: UTF8.self) else {
                throw .badRequest("the form's value '\(part.name.prefix(40))' is not UTF-8")
            }
            guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw .badRequest("the form's value '\(part.name.prefix(40))' holds a control character")
            }
            items.append(.init(name: part.name, value: text))
        }
        return FormItems(items)
    }

    /// The bytes of the file of this name; a value without a file name will do.
    /// - Throws: `HTTPProblem` (400) when it is given twice.
    public func file(_ name: String) throws(HTTPProblem) -> [UInt8]? {
        let found = parts.filter { $0.name == name }
        guard found.count <= 1 else { throw .badRequest("the form holds \(found.count) parts '\(name)'") }
        return found.first.map(content)
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        var text = Substring(self)
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return String(text)
    }
}
