import Testing
import Torch

/// Expects `body` to leave as many tensor handles alive as it found, after a first run that may fill caches (optimiser
/// moments, say).
///
/// The count belongs to the process and tests run side by side: call this inside `#expect(processExitsWith:)`, where the
/// body has a process to itself.
func expectNoLeaks(
    runs: Int = 10, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws {
    let kept = try leakedHandles(runs: runs, body)
    #expect(kept == 0, "\(kept) tensor handles more after \(runs) runs", sourceLocation: sourceLocation)
}

/// Tensor handles that `runs` runs of `body` leave behind, not counting a first one.
func leakedHandles(runs: Int, _ body: () throws -> Void) throws -> Int {
    try body()
    let before = Tensor.liveHandleCount
    for _ in 0..<runs { try body() }
    return Tensor.liveHandleCount - before
}
