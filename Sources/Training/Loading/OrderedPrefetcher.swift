import Foundation

/// Makes items on background threads and hands them out in the order in which they were asked for.
///
/// The consumer decides how far ahead to ask, which bounds the memory; the threads never touch anything but their request.
final class OrderedPrefetcher<Request: Sendable, Item: Sendable> {
    private let shared: Shared
    private let workers: Int
    private var submitted = 0
    private var taken = 0

    /// - Parameter workers: background threads; with 0 the consumer's thread does the work when it takes.
    init(workers: Int, produce: @escaping @Sendable (Request) throws -> Item) {
        self.workers = workers
        shared = Shared(workers: workers, produce: produce)
        for index in 0..<workers {
            let thread = Thread { [shared] in shared.work() }
            thread.name = "loader-\(index)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    deinit { shared.close() }

    /// Requests that were not taken yet.
    var outstanding: Int { submitted - taken }

    func submit(_ request: Request) {
        shared.submit(request, ticket: submitted)
        submitted += 1
    }

    /// The oldest item that was not taken; waits for it.
    /// - Throws: what `produce` threw for it, or `TrainingError.closed`.
    func take() throws -> Item {
        if workers == 0 { shared.workOnce() }
        defer { taken += 1 }
        return try shared.take(ticket: taken).get()
    }

    /// Ends the threads after the items they are working on, and waits for that.
    func close() {
        shared.close()
        shared.join()
    }

    /// Everything that threads share, guarded by `condition`.
    private final class Shared: @unchecked Sendable {
        private let produce: @Sendable (Request) throws -> Item
        private let condition = NSCondition()
        private var pending: [(ticket: Int, request: Request)] = []
        private var done: [Int: Result<Item, any Error>] = [:]
        private var isClosed = false
        private var running: Int

        init(workers: Int, produce: @escaping @Sendable (Request) throws -> Item) {
            self.produce = produce
            running = workers
        }

        func submit(_ request: Request, ticket: Int) {
            condition.withLock { if !isClosed { pending.append((ticket, request)) } }
            condition.broadcast()
        }

        func work() {
            while let (ticket, request) = nextRequest() { finish(ticket, Result { try produce(request) }) }
            condition.withLock { running -= 1 }
            condition.broadcast()
        }

        func workOnce() {
            let next = condition.withLock { pending.isEmpty ? nil : pending.removeFirst() }
            if let (ticket, request) = next { finish(ticket, Result { try produce(request) }) }
        }

        private func nextRequest() -> (Int, Request)? {
            condition.withLock {
                while pending.isEmpty, !isClosed { condition.wait() }
                return isClosed ? nil : pending.removeFirst()
            }
        }

        private func finish(_ ticket: Int, _ result: Result<Item, any Error>) {
            condition.withLock { if !isClosed { done[ticket] = result } }
            condition.broadcast()
        }

        func take(ticket: Int) -> Result<Item, any Error> {
            condition.withLock {
                while true {
                    if let result = done.removeValue(forKey: ticket) { return result }
                    if isClosed { return .failure(TrainingError.closed) }
                    condition.wait()
                }
            }
        }

        func close() {
            condition.withLock {
                isClosed = true
                pending = []
                done = [:]
            }
            condition.broadcast()
        }

        func join() {
            condition.withLock { while running > 0 { condition.wait() } }
        }
    }
}
