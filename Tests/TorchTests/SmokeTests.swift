import Testing
import Torch

@Test func addition() throws {
    let a = try Tensor(values: [1, 2], shape: [2])
    let sum = try (a + a * 2).floats()
    #expect(sum == [3, 6])
}
