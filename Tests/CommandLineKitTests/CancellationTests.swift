import CommandLineKit
import Foundation
import Testing

/// Each in a process of its own, because signals are sent.
@Suite struct CancellationTests {
    @Test func firstInterruptIsARequest() async {
        await #expect(processExitsWith: .exitCode(130)) {
            Cancellation.installSignalHandlers()
            guard !Cancellation.process.isCancelled else { exit(1) }
            raise(SIGINT)
            do throws(CancelledError) { try Cancellation.process.check() } catch { exit(130) }
        }
    }

    @Test func secondInterruptKills() async {
        await #expect(processExitsWith: .signal(SIGINT)) {
            Cancellation.installSignalHandlers()
            raise(SIGINT)
            raise(SIGINT)
        }
    }

    @Test func cancelConcernsOneObject() {
        let cancellation = Cancellation()
        #expect(!cancellation.isCancelled)
        cancellation.cancel()
        #expect(cancellation.isCancelled)
        #expect(!Cancellation().isCancelled)
        #expect(throws: CancelledError.self) { try cancellation.check() }
    }
}
