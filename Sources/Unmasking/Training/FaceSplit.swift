import Training

/// Which faces of a file are trained on, and which are held back to judge by.
public struct FaceSplit: Sendable, Equatable {
    /// Ascending.
    public let training: [Int]
    /// In random order, so that the first few are a fair sample too.
    public let heldBack: [Int]

    /// Draws faces from the whole file: files are often sorted by something, and its end then shows one kind of people.
    /// - Parameter seed: the same seed and counts give the same split on every machine.
    /// - Throws: `UnmaskingError.configuration` when no face is left to train on.
    public init(count: Int, heldBack: Int, seed: UInt64) throws(UnmaskingError) {
        guard heldBack >= 0, heldBack < count else {
            throw .configuration(
                "heldBack \(heldBack) of \(count) faces: expected at least one face to train on")
        }
        var random = SampleRandom(seed: seed)
        let order = random.shuffled(Array(0..<count))
        self.heldBack = Array(order.prefix(heldBack))
        training = order.dropFirst(heldBack).sorted()
    }
}
