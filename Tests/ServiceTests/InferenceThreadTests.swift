import Foundation
import HTTP
import Service
import Synchronization
import Testing

@Suite struct InferenceThreadTests {
    /// A model that is no good on another thread, and counts.
    private final class Adder {
        let thread = Thread.current
        var calls = 0
    }

    private struct Bad: Error, Equatable { let number: Int }

    private static func settings(_ maximum: Int, _ milliseconds: Double) -> BatchingSettings {
        var settings = BatchingSettings()
        settings.maximum = maximum
        settings.milliseconds = milliseconds
        return settings
    }

    /// Runs work on many threads and gathers what comes out, in order.
    private func together<T: Sendable>(_ count: Int, _ work: @escaping @Sendable (Int) -> T) -> [T] {
        let results = Mutex([Int: T]())
        let group = DispatchGroup()
        for number in 0..<count {
            group.enter()
            Thread {
                let result = work(number)
                results.withLock { $0[number] = result }
                group.leave()
            }.start()
        }
        group.wait()
        return results.withLock { all in (0..<count).compactMap { all[$0] } }
    }

    @Test func concurrentInputsShareBatches() throws {
        let batches = Mutex<[Int]>([])
        let metrics = Metrics()
        metrics.declare(.init("semblance_batch_size", "", .histogram([1, 4])))
        let thread = try InferenceThread { Adder() }
        let lane = thread.lane("adder", Self.settings(4, 300), metrics: metrics) {
            (model: Adder, numbers: [Int]) -> [Int] in
            #expect(Thread.current == model.thread)
            batches.withLock { $0.append(numbers.count) }
            return numbers.map { $0 + 1 }
        }
        let start = Date()
        let results = together(8) { try? lane($0, RequestCancellation()) }
        #expect(results == (1...8).map { $0 })
        // Full batches do not wait for the delay.
        #expect(Date().timeIntervalSince(start) < 0.25)
        #expect(batches.withLock { $0 } == [4, 4])
        #expect(metrics.text().contains("semblance_batch_size_bucket{model=\"adder\",le=\"4\"} 2"))
        // One alone waits no longer than the delay.
        #expect(try lane(41, RequestCancellation()) == 42)
        thread.stop()
        #expect(throws: RequestCancellation.Reason.shutdown) { try lane(1, RequestCancellation()) }
    }

    @Test func batchesCanBeTurnedOff() throws {
        let largest = Mutex(0)
        let thread = try InferenceThread { Adder() }
        let lane = thread.lane("adder", Self.settings(1, 50)) { (_: Adder, numbers: [Int]) -> [Int] in
            largest.withLock { $0 = max($0, numbers.count) }
            return numbers
        }
        #expect(together(6) { try? lane($0, RequestCancellation()) } == [0, 1, 2, 3, 4, 5])
        #expect(try lane([7, 8, 9], RequestCancellation()) == [7, 8, 9])
        #expect(largest.withLock { $0 } == 1)
        thread.stop()
    }

    @Test func badInputFailsAlone() throws {
        let thread = try InferenceThread { Adder() }
        let lane = thread.lane("adder", Self.settings(8, 100)) { (model: Adder, numbers: [Int]) -> [Int] in
            model.calls += 1
            if numbers.contains(3) { throw Bad(number: 3) }
            return numbers
        }
        let results = together(6) { number -> String in
            do { return "\(try lane(number, RequestCancellation()))" } catch { return "\(error)" }
        }
        #expect(results == ["0", "1", "2", "Bad(number: 3)", "4", "5"])
        thread.stop()
    }

    @Test func calledOffWorkIsNotDone() throws {
        let seen = Mutex<[Int]>([])
        let thread = try InferenceThread { Adder() }
        let lane = thread.lane("adder", Self.settings(1, 0)) { (_: Adder, numbers: [Int]) -> [Int] in
            seen.withLock { $0 += numbers }
            usleep(200_000)
            return numbers
        }
        let cancellation = RequestCancellation()
        let results = together(2) { number -> String in
            usleep(UInt32(number) * 50_000)
            do {
                return "\(try lane(number, number == 1 ? cancellation : RequestCancellation()))"
            } catch { return "\(error)" }
        } cancelling: {
            usleep(100_000)
            cancellation.cancel(.clientGone)
        }
        #expect(results == ["0", "clientGone"])
        usleep(300_000)
        #expect(seen.withLock { $0 } == [0])
        thread.stop()
    }

    private func together<T: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) -> T, cancelling: @escaping @Sendable () -> Void
    ) -> [T] {
        Thread(block: cancelling).start()
        return together(count, work)
    }

    @Test func stoppingRunsWhatWaits() throws {
        let thread = try InferenceThread { Adder() }
        let lane = thread.lane("adder", Self.settings(4, 10_000)) { (_: Adder, numbers: [Int]) -> [Int] in
            numbers
        }
        let result = Mutex<Int?>(nil)
        let ended = DispatchSemaphore(value: 0)
        Thread {
            let value = try? lane(5, RequestCancellation())
            result.withLock { $0 = value }
            ended.signal()
        }.start()
        usleep(100_000)
        thread.stop()
        #expect(ended.wait(timeout: .now() + 2) == .success)
        #expect(result.withLock { $0 } == 5)
    }

    @Test func loadingErrorsAreThrown() {
        #expect(throws: Bad(number: 1)) { try InferenceThread<Adder> { throw Bad(number: 1) } }
    }

    @Test func otherLanesAreServedMeanwhile() throws {
        let thread = try InferenceThread { Adder() }
        let slow = thread.lane("slow", Self.settings(8, 2000)) { (_: Adder, numbers: [Int]) -> [Int] in
            numbers
        }
        let quick = thread.lane("quick", Self.settings(8, 1)) { (_: Adder, numbers: [Int]) -> [Int] in numbers
        }
        Thread { _ = try? slow(1, RequestCancellation()) }.start()
        usleep(50_000)
        let start = Date()
        #expect(try quick(2, RequestCancellation()) == 2)
        #expect(Date().timeIntervalSince(start) < 1)
        thread.stop()
    }
}
