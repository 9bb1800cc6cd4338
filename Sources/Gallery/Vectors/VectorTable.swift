import CFaiss
import Foundation

/// Vectors in memory, row after row, [rows, dimension], in the order of their ids. A removed row stays, as zeros, so that
/// a graph's row numbers stay.
public final class VectorTable {
    public let dimension: Int
    /// Of every row, ascending; those of removed rows too.
    private(set) var ids: [Int64] = []
    private(set) var isLive: [Bool] = []
    private(set) var liveCount = 0
    /// Sum of the digests of the live rows.
    private(set) var digest: UInt64 = 0
    private var memory: UnsafeMutableRawBufferPointer

    /// - Parameter capacity: rows to have room for.
    public init(dimension: Int, capacity: Int) throws(GalleryError) {
        self.dimension = dimension
        memory = try Self.allocate(max(64, capacity) * dimension * MemoryLayout<Float>.stride)
        ids.reserveCapacity(capacity)
        isLive.reserveCapacity(capacity)
    }

    deinit { munmap(memory.baseAddress!, memory.count) }

    /// Rows, removed ones too.
    public var count: Int { ids.count }
    var bytes: Int { count * (dimension * MemoryLayout<Float>.stride + 9) }
    /// Of the first row; moves when rows are appended.
    public var base: UnsafePointer<Float> {
        UnsafePointer(memory.baseAddress!.assumingMemoryBound(to: Float.self))
    }

    func row(_ index: Int) -> UnsafePointer<Float> { base + index * dimension }

    /// - Parameters:
    ///   - id: larger than all before.
    ///   - vector: `dimension` floats of unit length.
    public func append(_ id: Int64, _ vector: UnsafeRawBufferPointer) throws(GalleryError) {
        let size = dimension * MemoryLayout<Float>.stride
        guard vector.count == size else {
            throw .index(reason: "the embedding of entry \(id) has \(vector.count) bytes, expected \(size)")
        }
        let start = count * size
        if start + size > memory.count { try grow(start + size) }
        UnsafeMutableRawBufferPointer(rebasing: memory[start..<(start + size)]).copyMemory(from: vector)
        ids.append(id)
        isLive.append(true)
        liveCount += 1
        digest &+= RowDigest.vector(id, vector)
    }

    func remove(_ index: Int) {
        guard isLive[index] else { return }
        let size = dimension * MemoryLayout<Float>.stride
        let bytes = UnsafeMutableRawBufferPointer(
            rebasing: memory[(index * size)..<((index + 1) * size)])
        digest &-= RowDigest.vector(ids[index], UnsafeRawBufferPointer(bytes))
        memset(bytes.baseAddress!, 0, size)
        isLive[index] = false
        liveCount -= 1
    }

    /// The row of an id, nil when it is not there.
    func index(of id: Int64) -> Int? {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id && isLive[low] ? low : nil
    }

    private func grow(_ least: Int) throws(GalleryError) {
        let larger = try Self.allocate(max(least, memory.count + memory.count / 2))
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<(count * dimension * 4)]))
        munmap(memory.baseAddress!, memory.count)
        memory = larger
    }

    /// Large pages where the kernel gives them: a graph's search jumps from row to row.
    private static func allocate(_ bytes: Int) throws(GalleryError) -> UnsafeMutableRawBufferPointer {
        let start = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else {
            throw .index(reason: "no memory for \(bytes) bytes of vectors")
        }
        madvise(start, bytes, 14)  // MADV_HUGEPAGE
        return UnsafeMutableRawBufferPointer(start: start, count: bytes)
    }
}
