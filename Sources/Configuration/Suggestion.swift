/// Finds the word that a misspelt one was probably meant to be.
public enum Suggestion {
    /// The candidate nearest to `word`, or nil when none is near enough to be worth naming.
    ///
    /// Nearness is the optimal string alignment distance (insert, delete, replace, swap neighbours), upper and
    /// lower case alike; a third of the word may differ. A candidate that starts with the word also counts.
    public static func closest(to word: String, in candidates: [String]) -> String? {
        let lowered = word.lowercased()
        guard !lowered.isEmpty else { return nil }
        let tolerance = max(1, (lowered.count + 1) / 3)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates.sorted() {
            let other = candidate.lowercased()
            var distance = self.distance(Array(lowered), Array(other))
            if lowered.count >= 3, other.hasPrefix(lowered) { distance = min(distance, 1) }
            if distance <= tolerance, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// "; did you mean 'x'?", or nothing: to be appended to an error message.
    public static func phrase(for word: String, in candidates: [String], prefix: String = "") -> String {
        closest(to: word, in: candidates).map { "; did you mean '\(prefix)\($0)'?" } ?? ""
    }

    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var older = [Int](repeating: 0, count: b.count + 1)
        var previous = Array(0...b.count)
        for i in 1...a.count {
            var current = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                let substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                current[j] = min(substitution, previous[j] + 1, current[j - 1] + 1)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    current[j] = min(current[j], older[j - 2] + 1)
                }
            }
            (older, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
