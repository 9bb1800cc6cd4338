extension Array {
    /// At most `count` elements, evenly spaced and in their order, beginning with the first.
    package func evenlySpaced(_ count: Int) -> [Element] {
        guard count < self.count, count > 0 else { return self }
        return (0..<count).map { self[$0 * self.count / count] }
    }
}
