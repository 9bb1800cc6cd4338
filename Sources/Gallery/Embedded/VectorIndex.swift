import Foundation

/// What a process keeps in memory of a gallery's vectors, brought up to date before every search.
final class VectorIndex: @unchecked Sendable {
    /// Up to this many entries are added to a graph or to lists while a search waits; more are compared one by one until
    /// `optimise` runs again.
    static let largestCatchUp = 10_000
    /// Additions after which the file is written anew.
    private static let saveEvery = 1000

    let path: String
    let dimension: Int
    private let lock = ReadWriteLock()
    // Guarded by `lock`.
    private var seen: GalleryState?
    /// All vectors; nil when there are lists.
    private var table: VectorTable?
    private var graph: HNSWGraph?
    private var lists: InvertedLists?
    /// The lists hold all entries up to this one.
    private var lastListed: Int64 = 0
    private var unsaved = 0

    init(path: String, dimension: Int) {
        self.path = path
        self.dimension = dimension
    }

    // MARK: searching

    /// The entries most similar to an embedding.
    /// - Parameter chosen: ids of the only entries that count, ascending; nil means all. These are always compared one by one,
    ///   so that a filter never costs results.
    func nearest(
        _ query: [Float], top: Int, among chosen: [Int64]?, _ connection: SQLiteConnection
    ) throws(GalleryError) -> [Neighbour] {
        try lock.reading { () throws(GalleryError) in
            guard let table else { return try listed(query, top, chosen, connection) }
            if let chosen { return table.nearest(query, among: chosen, top: top) }
            guard let graph, top <= 1000 else {
                return table.nearest(query, rows: 0..<table.count, top: top)
            }
            var best = BestNeighbours(top)
            for (row, _) in try graph.search(query, top: top) where table.isLive[row] {
                // Multiplied once more in the order of the exact search: equal vectors are equally similar everywhere.
                best.insert(Neighbour(id: table.ids[row], similarity: table.similarity(query, row)))
            }
            for neighbour in table.nearest(query, rows: graph.count..<table.count, top: top) {
                best.insert(neighbour)
            }
            let ranked = best.ranked
            // A graph may have parts that nothing leads to.
            guard ranked.count < min(top, table.liveCount) else { return ranked }
            return table.nearest(query, rows: 0..<table.count, top: top)
        }
    }

    private func listed(
        _ query: [Float], _ top: Int, _ chosen: [Int64]?, _ connection: SQLiteConnection
    ) throws(GalleryError) -> [Neighbour] {
        let stored = StoredVectors(connection, dimension: dimension)
        if let chosen { return try stored.nearest(query, among: chosen, top: top) }
        guard let lists, let plan = seen?.plan, top <= plan.candidates else {
            return try stored.nearest(query, after: 0, top: top)
        }
        let found = try lists.search(query, candidates: plan.candidates, probes: plan.probes)
        var best = BestNeighbours(top)
        for neighbour in try stored.nearest(query, among: found, top: top) { best.insert(neighbour) }
        for neighbour in try stored.nearest(query, after: lastListed, top: top) { best.insert(neighbour) }
        let ranked = best.ranked
        guard ranked.count < top else { return ranked }
        return try stored.nearest(query, after: 0, top: top)
    }

    // MARK: keeping up

    /// Brings the memory up to a state that a connection reads, unless it is there or further.
    func refresh(to state: GalleryState, _ connection: SQLiteConnection) throws(GalleryError) {
        func isCurrent() -> Bool {
            seen.map { $0.uuid == state.uuid && $0.changes >= state.changes } ?? false
        }
        guard try !lock.reading({ () throws(GalleryError) in isCurrent() }) else { return }
        try lock.writing { () throws(GalleryError) in
            guard !isCurrent() else { return }
            do throws(GalleryError) {
                if let seen, seen.uuid == state.uuid, seen.plan.stamp == state.plan.stamp {
                    if seen.deletions != state.deletions { try forget(since: seen.deletions, connection) }
                    try append(connection)
                } else {
                    try load(state, connection)
                }
                seen = state
                try catchUp(connection)
            } catch {
                // What is half up to date is loaded anew the next time.
                discard()
                throw error
            }
        }
    }

    private func discard() {
        (seen, table, graph, lists, unsaved) = (nil, nil, nil, nil, 0)
    }

    private func load(_ state: GalleryState, _ connection: SQLiteConnection) throws(GalleryError) {
        discard()
        let file = usableFile(state)
        if state.plan.kind == .ivfpq {
            guard let file, let lists = try? file.lists() else { return }
            self.lists = lists
            lastListed = file.header.lastID
            // Without the vectors in memory, the number of entries has to do; `checkIntegrity` compares digests.
            let count = try connection.integer(
                "SELECT count(*) FROM images WHERE id <= ?", [.integer(lastListed)])
            if count != Int64(lists.count) {
                // A deletion was cut short before it could write the file: the codes of what is gone must not stay.
                self.lists = nil
                unlink(IndexFile.path(of: path))
            }
            return
        }
        let count = Int(try connection.integer("SELECT count(*) FROM images"))
        let table = try VectorTable(dimension: dimension, capacity: count + count / 8)
        var reached: UInt64 = 0
        let lastID = file?.header.lastID ?? 0
        try StoredVectors(connection, dimension: dimension).each(after: 0) {
            (id, vector) throws(GalleryError) in
            try table.append(id, vector)
            if id <= lastID { reached = table.digest }
        }
        self.table = table
        guard state.plan.kind == .hnsw else { return }
        if let file, reached == file.header.digest, let graph = try? file.graph(), graph.count <= table.count
        {
            graph.width = state.plan.width
            self.graph = graph
        } else if table.count <= Self.largestCatchUp {
            let graph = try HNSWGraph(
                dimension: dimension, connections: state.plan.connections,
                constructionWidth: state.plan.constructionWidth)
            graph.width = state.plan.width
            self.graph = graph
        }
    }

    /// The index file, if it is whole and this gallery's.
    private func usableFile(_ state: GalleryState) -> IndexFile? {
        guard state.plan.kind != .exact, let file = try? IndexFile.read(IndexFile.path(of: path)),
            file.header.gallery == state.uuid, file.header.kind == state.plan.kind,
            file.header.stamp == state.plan.stamp, file.header.dimension == dimension
        else { return nil }
        return file
    }

    private func append(_ connection: SQLiteConnection) throws(GalleryError) {
        guard let table else { return }
        try StoredVectors(connection, dimension: dimension).each(after: table.ids.last ?? 0) {
            (id, vector) throws(GalleryError) in try table.append(id, vector)
        }
    }

    private func forget(since deletions: Int64, _ connection: SQLiteConnection) throws(GalleryError) {
        var ids: [Int64] = []
        try connection.each("SELECT image FROM deleted WHERE deletion > ?", [.integer(deletions)]) {
            (row: SQLiteRow) throws(GalleryError) in ids.append(row.integer(0))
        }
        try lists?.remove(ids.filter { $0 <= lastListed })
        guard let table else { return }
        let rows = ids.compactMap { table.index(of: $0) }
        for row in rows { table.remove(row) }
        if let graph {
            graph.setRows(table.base)
            graph.remove(Set(rows.filter { $0 < graph.count }), rows: table.base, isLive: table.isLive)
        }
    }

    private func catchUp(_ connection: SQLiteConnection) throws(GalleryError) {
        guard let graph, let table else { return }
        graph.setRows(table.base)
        let missing = table.count - graph.count
        guard missing > 0, missing <= Self.largestCatchUp else { return }
        try graph.add(missing)
        unsaved += missing
        if unsaved >= Self.saveEvery { try? write(connection) }
    }

    // MARK: the file

    /// Makes the index of an optimisation the one that is used.
    func adopt(
        _ state: GalleryState, table: VectorTable?, graph: HNSWGraph?, lists: InvertedLists?,
        lastListed: Int64
    ) throws(GalleryError) {
        try lock.writing { () throws(GalleryError) in
            (seen, self.table, self.graph, self.lists) = (state, table, graph, lists)
            (self.lastListed, unsaved) = (lastListed, 0)
        }
    }

    /// Writes the index file as the memory has it; removes it when there is nothing to keep.
    func save(_ connection: SQLiteConnection) throws(GalleryError) {
        try lock.writing { () throws(GalleryError) in try write(connection) }
    }

    private func write(_ connection: SQLiteConnection) throws(GalleryError) {
        let file = IndexFile.path(of: path)
        guard let seen, graph != nil || lists != nil else {
            unlink(file)
            return
        }
        var header = IndexFile.Header(
            gallery: seen.uuid, stamp: seen.plan.stamp, kind: seen.plan.kind, dimension: dimension, count: 0,
            lastID: lastListed, digest: 0, changes: seen.changes)
        if let graph, let table {
            header.lastID = graph.count > 0 ? table.ids[graph.count - 1] : 0
            header.digest = table.digest(before: graph.count)
            header.connections = graph.connections
            header.constructionWidth = graph.constructionWidth
            let arrays = graph.arrays(isLive: table.isLive)
            header.count = arrays.levels.count
            try IndexFile(header, graph: arrays).write(to: file)
        } else if let lists {
            header.count = lists.count
            try StoredVectors(connection, dimension: dimension).each(after: 0) {
                (id, vector) throws(GalleryError) in
                if id <= lastListed { header.digest &+= RowDigest.vector(id, vector) }
            }
            header.lists = lists.lists
            header.parts = lists.parts
            try IndexFile(header, lists: lists.arrays()).write(to: file)
        }
        unsaved = 0
    }

    /// - Parameter images: number of entries.
    func summary(_ state: GalleryState, images: Int) -> IndexSummary {
        let plan = state.plan
        var parameters = plan.parameters
        let vectors = Int64(images) * Int64(dimension * MemoryLayout<Float>.stride)
        var memory = vectors
        switch plan.kind {
        case .exact: break
        case .hnsw: memory += Int64(images) * Int64(8 * plan.connections + 16)
        case .ivfpq:
            memory = Int64(images) * Int64(plan.parts + 8)
            memory += Int64((plan.lists + 256) * dimension * MemoryLayout<Float>.stride)
        }
        if plan.kind != .exact, usableFile(state) == nil, images > Self.largestCatchUp {
            parameters +=
                "; the index file is missing or damaged: every vector is compared until 'optimise' runs again"
        }
        return IndexSummary(
            kind: plan.kind.rawValue, parameters: parameters, recall: plan.recall,
            milliseconds: plan.milliseconds, memory: memory)
    }
}

extension VectorTable {
    /// Sum of the digests of the live rows before one.
    func digest(before end: Int) -> UInt64 {
        var sum = digest
        for index in end..<count where isLive[index] {
            let bytes = UnsafeRawBufferPointer(
                start: row(index), count: dimension * MemoryLayout<Float>.stride)
            sum &-= RowDigest.vector(ids[index], bytes)
        }
        return sum
    }
}
