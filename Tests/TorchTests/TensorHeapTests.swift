import Foundation
import Testing
import Torch

@Suite struct TensorHeapTests {
    private static let megabyte = 1 << 20

    private static func heap(_ megabytes: Int = 256) throws -> TensorHeap {
        try #require(TensorHeap(capacity: megabytes * megabyte))
    }

    @Test func gapsThatTouchBecomeOne() throws {
        let heap = try Self.heap()
        let blocks = try (0..<5).map { _ in try #require(heap.allocate(1000)) }
        // 1000 bytes take 1024.
        #expect(zip(blocks, blocks.dropFirst()).allSatisfy { $1 - $0 == 1024 })
        #expect(heap.used == 5 * 1024)
        for (index, gaps) in [(1, 1), (3, 2), (2, 1), (0, 1), (4, 1)] {
            #expect(heap.free(blocks[index]))
            #expect(heap.gapCount == gaps)
        }
        #expect(heap.used == 0)
        // The lowest gap that is large enough.
        #expect(heap.allocate(5 * 1024) == blocks[0])
        #expect(heap.peak == 5 * 1024)
    }

    @Test func blocksAreAlignedAndApart() throws {
        let heap = try Self.heap()
        var random = SystemRandomNumberGenerator()
        var live: [(start: UnsafeMutableRawPointer, bytes: Int, mark: UInt8)] = []
        for round in 0..<2000 {
            if live.count > 20 || round % 3 == 2 {
                let block = live.remove(at: Int.random(in: live.indices, using: &random))
                let bytes = UnsafeRawBufferPointer(start: block.start, count: block.bytes)
                #expect(bytes.allSatisfy { $0 == block.mark })
                #expect(heap.free(block.start))
            } else {
                let bytes = Int.random(in: 1...100_000, using: &random)
                let start = try #require(heap.allocate(bytes))
                #expect(UInt(bitPattern: start) % 64 == 0)
                memset(start, Int32(round % 251), bytes)
                live.append((start, bytes, UInt8(round % 251)))
            }
        }
        for block in live { #expect(heap.free(block.start)) }
        #expect(heap.used == 0 && heap.gapCount == 1)
    }

    /// After the largest batch no other needs more, in whatever order they come; weights stay where they are.
    @Test func passesNeedNoMoreThanTheLargest() throws {
        let heap = try Self.heap()
        _ = try #require(heap.allocate(3 * Self.megabyte))
        /// Layers of which each needs its input, its output and something to work in.
        func pass(_ batch: Int) throws {
            var input = try #require(heap.allocate(batch * 300_000))
            for layer in 1...12 {
                let output = try #require(heap.allocate(batch * (1 + layer % 4) * 200_000))
                let scratch = try #require(heap.allocate(batch * (1 + layer % 3) * 64_000))
                #expect(heap.free(input) && heap.free(scratch))
                input = output
            }
            #expect(heap.free(input))
        }
        try pass(16)
        let peak = heap.peak
        for batch in [1, 16, 7, 3, 12, 2, 16, 5, 9, 15, 4, 8, 16] { try pass(batch) }
        #expect(heap.peak == peak)
        #expect(heap.used == 3 * Self.megabyte && heap.gapCount == 1)
    }

    @Test func fullHeapsAndForeignBlocksAreToldOf() throws {
        let heap = try Self.heap(64)
        let block = try #require(heap.allocate(40 * Self.megabyte))
        #expect(heap.allocate(40 * Self.megabyte) == nil)
        #expect(heap.allocate(0) == nil && heap.allocate(65 * Self.megabyte) == nil)
        // What is left is still given.
        let rest = try #require(heap.allocate(24 * Self.megabyte))
        var foreign = 0
        #expect(withUnsafeMutableBytes(of: &foreign) { !heap.free($0.baseAddress!) })
        #expect(heap.free(block) && heap.free(rest))
        #expect(heap.allocate(64 * Self.megabyte) == block)
    }

    /// libtorch takes its tensors from the heap once it is told to, and gives them back.
    @Test func tensorsLieInTheHeap() throws {
        Runtime.keepTensorsApart()
        let before = Runtime.tensorMemory
        for value in 0..<20 {
            let tensor = try Tensor.full([64, 256, 1024], Double(value))
            #expect(Runtime.tensorMemory >= 64 * Self.megabyte)
            #expect(try tensor.sum().item() == Double(value * 64 * 256 * 1024))
        }
        // Other tests may hold tensors meanwhile, but not twenty of these.
        #expect(Runtime.tensorMemory < before + 640 * Self.megabyte)
        let small = try Tensor(values: [1, 2, 3], shape: [3])
        #expect(try (small + small).floats() == [2, 4, 6])
    }
}
