import Foundation
import Gallery

/// Deletes what is older than the retention period, at the start and every hour.
final class RetentionSweep: @unchecked Sendable {
    private let galleries: Galleries
    private let days: Double
    private let interval: TimeInterval
    private let complain: @Sendable (String) -> Void
    private let condition = NSCondition()
    // Guarded by `condition`.
    private var isStopping = false

    init(
        galleries: Galleries, days: Double, interval: TimeInterval = 3600,
        complain: @escaping @Sendable (String) -> Void
    ) {
        self.galleries = galleries
        self.days = days
        self.interval = interval
        self.complain = complain
    }

    func start() {
        let thread = Thread { [self] in
            while true {
                sweep()
                let next = Date(timeIntervalSinceNow: interval)
                condition.lock()
                while !isStopping, condition.wait(until: next) {}
                let isOver = isStopping
                condition.unlock()
                if isOver { return }
            }
        }
        thread.name = "retention"
        thread.start()
    }

    func stop() {
        condition.withLock {
            isStopping = true
            condition.broadcast()
        }
    }

    private func sweep() {
        for store in galleries.all {
            do {
                let report = try store.delete(
                    .before(Date(timeIntervalSinceNow: -days * 86_400)), actor: "retention")
                if report.images > 0 {
                    complain(
                        "retention: deleted \(report.images) entries older than \(days) days from the gallery of kind '\(store.kind.rawValue)'"
                    )
                }
                if let remark = report.remark { complain("retention: \(remark)") }
            } catch {
                complain("retention: \(error)")
            }
        }
    }
}
