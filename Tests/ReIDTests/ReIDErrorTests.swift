import ReID
import Testing

@Suite("ReIDError") struct ReIDErrorTests {
    @Test("names the file before the reason") func namesTheFile() {
        #expect("\(ReIDError.data(path: "a/b.mat", reason: "no 'age'"))" == "a/b.mat: no 'age'")
        #expect("\(ReIDError.model(path: "m.safetensors", reason: "x"))" == "m.safetensors: x")
    }
}
