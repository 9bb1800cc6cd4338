import Configuration
import Testing

@Suite struct SuggestionTests {
    static let commands = ["unmask", "mask", "verify", "embed", "train", "evaluate", "reid", "doctor"]

    @Test(arguments: [
        ("unmaks", "unmask"), ("Unmask", "unmask"), ("msk", "mask"), ("evalute", "evaluate"),
        ("eval", "evaluate"),
        ("docter", "doctor"), ("rei", "reid"), ("trian", "train"),
    ])
    func nearWordIsFound(word: String, expected: String) {
        #expect(Suggestion.closest(to: word, in: Self.commands) == expected)
    }

    @Test(arguments: ["", "x", "photograph", "zzzz"])
    func farWordIsNot(word: String) {
        #expect(Suggestion.closest(to: word, in: Self.commands) == nil)
    }

    @Test func phraseIsEmptyWithoutSuggestion() {
        #expect(Suggestion.phrase(for: "zzzz", in: Self.commands) == "")
        #expect(
            Suggestion.phrase(for: "doctr", in: Self.commands, prefix: "--") == "; did you mean '--doctor'?")
    }
}
