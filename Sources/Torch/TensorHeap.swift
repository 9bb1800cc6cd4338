import CTorch
import Foundation
import Synchronization

/// Memory for large tensors on the CPU, apart from everything else that the process keeps in memory.
///
/// One growing range of addresses. A block lies in the lowest gap that holds it, and gaps that touch become one: when the tensors
/// of a forward pass are gone, nothing is left between them, and the next pass finds the range as the last one found it. The range
/// therefore ends where the largest pass ends. In a heap shared with threads that decode photos this is not so: their blocks
/// come to lie in the gaps that a pass leaves, the next pass no longer fits and goes behind them, and the heap grows in steps.
///
/// Pages that were touched stay with the process, so that no pass waits for the kernel to zero them.
package final class TensorHeap: Sendable {
    /// Blocks begin at multiples of this, as libtorch's own do.
    package static let alignment = 64
    /// Smaller blocks are left to malloc, which is good at them.
    package static let smallest = 32 << 10
    /// Addresses become usable in steps of this many bytes.
    private static let step = 32 << 20

    private struct Gap {
        var start: Int
        var size: Int
        var end: Int { start + size }
    }

    private struct State {
        /// By address; no two of them touch.
        var gaps: [Gap] = []
        /// Sizes by address.
        var blocks: [Int: Int] = [:]
        /// Bytes of the range that may be used.
        var usable = 0
        /// The end of the highest block there ever was.
        var peak = 0
    }

    private nonisolated(unsafe) let base: UnsafeMutableRawPointer
    /// Bytes of the range.
    package let capacity: Int
    private let state = Mutex(State())

    /// Reserves addresses, which costs no memory.
    /// - Parameter capacity: bytes, a multiple of 32 MB; where so many addresses cannot be had, half of them, and so on.
    /// - Returns: nil where none can be had.
    package init?(capacity: Int) {
        var size = capacity
        var range = MAP_FAILED
        while range == MAP_FAILED, size >= Self.step {
            range = mmap(nil, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
            if range == MAP_FAILED { size = size / 2 / Self.step * Self.step }
        }
        guard let range, range != MAP_FAILED else { return nil }
        base = range
        self.capacity = size
    }

    deinit { munmap(base, capacity) }

    /// Bytes from the range's begin to the highest place that was ever used; what the heap holds of the machine's memory.
    package var peak: Int { state.withLock { $0.peak } }

    /// Bytes in blocks.
    package var used: Int { state.withLock { $0.blocks.values.reduce(0, +) } }

    /// Parts that the free room below `peak` is in.
    package var gapCount: Int { state.withLock { state in state.gaps.count { $0.start < state.peak } } }

    /// - Returns: nil when the range is full.
    package func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
        guard bytes > 0, bytes <= capacity else { return nil }
        let size = (bytes + Self.alignment - 1) / Self.alignment * Self.alignment
        return state.withLock { state in
            if let index = state.gaps.firstIndex(where: { $0.size >= size }) {
                return take(size, from: index, &state)
            }
            guard grow(by: size, &state), let last = state.gaps.indices.last else { return nil }
            return take(size, from: last, &state)
        }
    }

    /// - Returns: whether the block was one of this heap's.
    package func free(_ pointer: UnsafeMutableRawPointer) -> Bool {
        let start = pointer - base
        guard (0..<capacity).contains(start) else { return false }
        state.withLock { state in
            guard let size = state.blocks.removeValue(forKey: start) else { return }
            insert(Gap(start: start, size: size), &state)
        }
        return true
    }

    private func take(_ size: Int, from index: Int, _ state: inout State) -> UnsafeMutableRawPointer {
        let start = state.gaps[index].start
        state.gaps[index].start += size
        state.gaps[index].size -= size
        if state.gaps[index].size == 0 { state.gaps.remove(at: index) }
        state.blocks[start] = size
        state.peak = max(state.peak, start + size)
        return base + start
    }

    /// Makes the range's last gap at least `size` bytes wide.
    private func grow(by size: Int, _ state: inout State) -> Bool {
        let open = state.gaps.last.map { $0.end == state.usable ? $0.size : 0 } ?? 0
        let more = (size - open + Self.step - 1) / Self.step * Self.step
        guard more <= capacity - state.usable,
            mprotect(base + state.usable, more, PROT_READ | PROT_WRITE) == 0
        else { return false }
        insert(Gap(start: state.usable, size: more), &state)
        state.usable += more
        return true
    }

    private func insert(_ gap: Gap, _ state: inout State) {
        // The first gap behind it.
        var low = 0
        var high = state.gaps.count
        while low < high {
            let middle = (low + high) / 2
            if state.gaps[middle].start < gap.start { low = middle + 1 } else { high = middle }
        }
        let touchesNext = low < state.gaps.count && gap.end == state.gaps[low].start
        if low > 0, state.gaps[low - 1].end == gap.start {
            state.gaps[low - 1].size += gap.size
            if touchesNext { state.gaps[low - 1].size += state.gaps.remove(at: low).size }
        } else if touchesNext {
            state.gaps[low].start = gap.start
            state.gaps[low].size += gap.size
        } else {
            state.gaps.insert(gap, at: low)
        }
    }
}

extension TensorHeap {
    /// The process's, from `Runtime.keepTensorsApart()` on: libtorch asks from any thread and for good.
    static let shared = TensorHeap(capacity: 64 << 30)

    /// Makes libtorch take the memory of CPU tensors from `shared`, and from malloc what is small or does not fit.
    static func install() {
        ct_set_cpu_memory(
            { bytes in
                if bytes >= TensorHeap.smallest, let block = TensorHeap.shared?.allocate(Int(bytes)) {
                    return block
                }
                var block: UnsafeMutableRawPointer?
                return posix_memalign(&block, TensorHeap.alignment, Int(bytes)) == 0 ? block : nil
            },
            { block in
                guard let block else { return }
                if TensorHeap.shared?.free(block) != true { Foundation.free(block) }
            })
    }
}
