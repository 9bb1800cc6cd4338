import Dispatch
import Synchronization

extension Array where Element: Sendable {
    /// What becomes of each element, in order; worked out on all cores.
    func concurrentMap<Result: Sendable>(_ transform: @Sendable (Element) -> Result) -> [Result] {
        let results = Mutex([Int: Result](minimumCapacity: count))
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let result = transform(self[index])
            results.withLock { $0[index] = result }
        }
        return results.withLock { found in indices.compactMap { found[$0] } }
    }
}
