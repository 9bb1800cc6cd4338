import Foundation

/// A bounded queue of work and the threads that carry it out.
public final class WorkQueue: @unchecked Sendable {
    private let condition = NSCondition()
    // Guarded by `condition`.
    private var waiting: [@Sendable () -> Void] = []
    private var head = 0
    private var running = 0
    private var threads = 0
    private var isClosed = false

    public let capacity: Int

    /// - Parameters:
    ///   - workers: number of threads.
    ///   - capacity: how much may wait while all threads are busy.
    public init(workers: Int, capacity: Int, name: String = "worker") {
        self.capacity = capacity
        threads = workers
        for number in 1...max(1, workers) {
            let thread = Thread { [self] in work() }
            thread.name = "\(name) \(number)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Pieces of work that wait for a thread.
    public var length: Int { condition.withLock { waiting.count - head } }

    /// Pieces of work that are being carried out.
    public var busy: Int { condition.withLock { running } }

    /// - Returns: false when the queue is full or closed.
    public func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        condition.withLock {
            guard !isClosed, waiting.count - head < capacity else { return false }
            waiting.append(work)
            condition.signal()
            return true
        }
    }

    /// Takes nothing more, and waits for the threads to finish what was taken.
    /// - Returns: whether all ended before the deadline.
    public func close(until deadline: Date) -> Bool {
        condition.withLock {
            isClosed = true
            condition.broadcast()
            while threads > 0 {
                guard condition.wait(until: deadline) else { return threads == 0 }
            }
            return true
        }
    }

    private func work() {
        condition.lock()
        defer {
            threads -= 1
            condition.broadcast()
            condition.unlock()
        }
        while true {
            while head == waiting.count, !isClosed { condition.wait() }
            guard head < waiting.count else { return }
            let next = waiting[head]
            head += 1
            // Finished work must not be kept alive by the queue.
            if head == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 64 {
                waiting.removeFirst(head)
                head = 0
            } else {
                waiting[head - 1] = {}
            }
            running += 1
            condition.unlock()
            next()
            condition.lock()
            running -= 1
        }
    }
}
