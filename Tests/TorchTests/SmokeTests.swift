import Testing
import Torch
@Test func addition() throws {
    let a = try Tensor(values: [1, 2], shape: [2])
    #expect(try (a + a * 2).floats() == [3, 6])
}
