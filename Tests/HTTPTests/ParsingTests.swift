import HTTP
import Testing

@Suite struct ParsingTests {
    @Test func targetsAreDecoded() throws {
        let target = try RequestTarget(Array("/v1/caf%C3%A9/a%2Fb?top=5&name=J%C3%BCrgen+K&empty=&flag".utf8))
        #expect(target.segments == ["v1", "café", "a/b"])
        #expect(
            target.query.items == [
                .init(name: "top", value: "5"), .init(name: "name", value: "Jürgen K"),
                .init(name: "empty", value: ""), .init(name: "flag", value: ""),
            ])
        #expect(try RequestTarget(Array("/".utf8)).segments == [])
        #expect(try RequestTarget(Array("/a/".utf8)).segments == ["a", ""])
    }

    @Test(arguments: [
        ("", 400), ("*", 400), ("http://other/", 400), ("/../etc/passwd", 400), ("/%2e%2e/etc", 400),
        ("/a/./b", 400), ("/%", 400), ("/%4", 400), ("/%zz", 400), ("/%00", 400), ("/%0d%0a", 400),
        ("/%ff", 400),
        ("/?a=%80", 400), ("/?" + String(repeating: "a&", count: 65), 400),
        ("/" + String(repeating: "a", count: 8192), 414),
    ]) func badTargetsAreRefused(_ text: String, _ status: Int) {
        #expect { try RequestTarget(Array(text.utf8)) } throws: {
            ($0 as? HTTPProblem)?.status.code == status
        }
    }

    @Test func mediaTypesAreRead() throws {
        let type = try MediaType("Multipart/Form-Data; boundary=\"a b\\\"c\" ; charset=UTF-8;")
        #expect(type.name == "multipart/form-data")
        #expect(type.parameters == ["boundary": "a b\"c", "charset": "UTF-8"])
        for text in ["", "image", "image/", "/png", "image/png x", "a/b; c", "a/b; c=\"d", "a/b; c=1; c=2"] {
            #expect(throws: HTTPProblem.self, "\(text)") { try MediaType(text) }
        }
    }

    @Test(arguments: [
        ([], "application/json"), (["*/*"], "application/json"), (["image/png"], "image/png"),
        (["image/*;q=0.5, application/json;q=0.4"], "image/png"),
        (["text/html", "image/jpeg"], "image/jpeg"),
        (["image/png;q=0", "image/*"], "image/jpeg"), (["rubbish,,;;"], "application/json"),
    ]) func acceptChooses(_ header: [String], _ expected: String) {
        let list = AcceptList(header)
        #expect(list.best(of: ["application/json", "image/png", "image/jpeg"]) == expected)
    }

    @Test func acceptCanBeUnfulfillable() {
        #expect(AcceptList(["text/html"]).best(of: ["image/png"]) == nil)
    }

    @Test func formValuesAreChecked() throws {
        let items = FormItems([
            .init(name: "top", value: "5"), .init(name: "share", value: "0.5"),
            .init(name: "on", value: "true"),
            .init(name: "twice", value: "1"), .init(name: "twice", value: "2"),
            .init(name: "bad", value: "x"),
            .init(name: "nan", value: "nan"),
        ])
        #expect(try items.integer("top", in: 1...10) == 5)
        #expect(try items.integer("absent", in: 1...10) == nil)
        #expect(try items.number("share", in: 0...1) == 0.5)
        #expect(try items.flag("on") == true)
        #expect(throws: HTTPProblem.self) { try items.integer("top", in: 1...4) }
        #expect(throws: HTTPProblem.self) { try items.value("twice") }
        #expect(throws: HTTPProblem.self) { try items.integer("bad", in: 1...4) }
        #expect(throws: HTTPProblem.self) { try items.number("nan", in: 0...1) }
        #expect(throws: HTTPProblem.self) { try items.flag("bad") }
        #expect(throws: HTTPProblem.self) { try items.choice("bad", of: Access.self) }
        #expect(throws: HTTPProblem.self) { try items.allow(["top"]) }
    }

    /// The example of RFC 7578, section 4.2, with a file beside it.
    @Test func formsAreTakenApart() throws {
        let body =
            "--AaB03x\r\nContent-Disposition: form-data; name=\"submit-name\"\r\n\r\nLärry\r\n--AaB03x \r\ncontent-disposition: form-data; name=\"files\"; filename=\"../../file1.bin\"\r\nContent-Type: image/PNG\r\nX-Other: 1\r\n\r\n\r\n--AaB03\r\nx\r\n--AaB03x--\r\nepilogue"
        let form = try MultipartForm(Array(body.utf8), boundary: "AaB03x")
        #expect(form.parts.map(\.name) == ["submit-name", "files"])
        #expect(form.parts[1].type?.name == "image/png")
        #expect(try form.values().items == [.init(name: "submit-name", value: "Lärry")])
        #expect(try form.file("files") == Array("\r\n--AaB03\r\nx".utf8))
        #expect(try form.file("absent") == nil)
    }

    /// A name that an address could not hold must not come in by a form either.
    @Test(arguments: ["\0", "\n", "\u{7F}"]) func controlCharactersAreNoValues(_ character: String) throws {
        let body = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\(character)c\r\n--x--"
        let form = try MultipartForm(Array(body.utf8), boundary: "x")
        #expect {
            try form.values()
        } throws: {
            ($0 as? HTTPProblem)?.detail.contains("control character") == true
        }
        #expect(try form.file("a") == Array("b\(character)c".utf8))
    }

    @Test(arguments: [
        ("", "boundary"), ("--x--", ""), ("--x\r\n", "closed"), ("--x\n\n--x--", "CR LF"),
        ("preamble--x\r\n\r\n--x--", "first boundary"),
        ("--x\r\n\r\nbody\r\n--x--", "form-data"), ("--x\r\nA: b\r\n--x--", "empty line"),
        ("--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--", "name"),
        ("--x\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--x--", "name"),
        ("--x\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--x--", "NAME=VALUE"),
        ("--x\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--x--", "form-data"),
        ("--x\r\nno colon\r\n\r\n1\r\n--x--", "NAME: VALUE"),
        ("--x\r\nContent-Disposition: form-data; name=a\r\nContent-Type: ?\r\n\r\n1\r\n--x--", "media type"),
        ("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1--x--", "closed"),
    ]) func badFormsAreRefused(_ body: String, _ reason: String) {
        if reason.isEmpty {
            #expect((try? MultipartForm(Array(body.utf8), boundary: "x"))?.parts.isEmpty == true)
        } else {
            #expect {
                try MultipartForm(Array(body.utf8), boundary: "x")
            } throws: { error in
                (error as? HTTPProblem).map { $0.status == .badRequest && $0.detail.contains(reason) }
                    ?? false
            }
        }
    }

    @Test func formLimitsHold() {
        let part = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
        let many = Array((String(repeating: part, count: 33) + "--x--").utf8)
        #expect(throws: HTTPProblem.self) { try MultipartForm(many, boundary: "x") }
        let long =
            "--x\r\nContent-Disposition: form-data; name=a\r\nX: \(String(repeating: "y", count: 5000))\r\n\r\n1\r\n--x--"
        #expect(throws: HTTPProblem.self) { try MultipartForm(Array(long.utf8), boundary: "x") }
        let value =
            "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\(String(repeating: "y", count: 70_000))\r\n--x--"
        #expect { try MultipartForm(Array(value.utf8), boundary: "x") } throws: {
            ($0 as? HTTPProblem)?.status == .contentTooLarge
        }
        #expect(throws: HTTPProblem.self) { try MultipartForm([], boundary: "") }
        #expect(throws: HTTPProblem.self) {
            try MultipartForm([], boundary: String(repeating: "x", count: 71))
        }
    }
}
