import Foundation

extension EmbeddedGallery {
    /// From here on a graph is worth its memory and its building.
    static let exactLimit = 50_000
    /// Queries that measure recall.
    private static let sampleCount = 200
    /// Entries that are linked between two reports of progress.
    private static let block = 2000

    private typealias Progress = (IndexProgress) throws(GalleryError) -> Void

    public func optimise(
        _ goal: IndexGoal, actor: String, progress: (IndexProgress) throws(GalleryError) -> Void
    ) throws(GalleryError) -> IndexSummary {
        try goal.check()
        let images = try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            Int(try connection.integer("SELECT count(*) FROM images"))
        }
        var plan = IndexPlan(kind: choice(goal, images: images))
        switch plan.kind {
        case .exact: break
        case .hnsw: plan = try buildGraph(plan, goal, progress)
        case .ivfpq: plan = try buildLists(plan, goal, progress)
        }
        let chosen = try write { (connection: SQLiteConnection) throws(GalleryError) in
            try connection.run(
                "UPDATE gallery SET plan = ?, changes = changes + 1", [.text(try GalleryJSON.text(plan))])
            try Self.note(
                .optimise, ["index": plan.kind.rawValue, "recall": String(format: "%.4f", plan.recall)],
                actor, connection)
            return try state(connection)
        }
        if plan.kind == .exact { unlink(IndexFile.path(of: location)) }
        return index.summary(chosen, images: images)
    }

    private func choice(_ goal: IndexGoal, images: Int) -> IndexPlan.Kind {
        switch goal.kind {
        case .exact: return .exact
        case .hnsw: return .hnsw
        case .ivfpq: return .ivfpq
        case .automatic:
            guard images > Self.exactLimit else { return .exact }
            let bytes = UInt64(images) * UInt64(4 * model.dimension + 8 * 32 + 16)
            return bytes > ProcessInfo.processInfo.physicalMemory / 2 ? .ivfpq : .hnsw
        }
    }

    // MARK: graph

    private func buildGraph(
        _ plan: IndexPlan, _ goal: IndexGoal, _ progress: Progress
    ) throws(GalleryError) -> IndexPlan {
        var plan = plan
        // A copy of its own: searches go on meanwhile.
        let (snapshot, table) = try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            let count = Int(try connection.integer("SELECT count(*) FROM images"))
            let table = try VectorTable(dimension: model.dimension, capacity: count + count / 8)
            try StoredVectors(connection, dimension: model.dimension).each(after: 0) {
                (id, vector) throws(GalleryError) in
                try table.append(id, vector)
                if table.count % 50_000 == 0 {
                    try progress(IndexProgress(step: "reading", done: table.count, total: count))
                }
            }
            return (try state(connection), table)
        }
        let graph = try HNSWGraph(
            dimension: model.dimension, connections: plan.connections,
            constructionWidth: plan.constructionWidth)
        graph.setRows(table.base)
        while graph.count < table.count {
            try progress(IndexProgress(step: "building hnsw", done: graph.count, total: table.count))
            try graph.add(min(Self.block, table.count - graph.count), threads: goal.threads)
        }
        try progress(IndexProgress(step: "building hnsw", done: table.count, total: table.count))
        let best = try tune(graph, table, goal, progress)
        if goal.kind == .automatic, best.result.recall < goal.recall {
            // Nobody asked for less than the goal: stay exact.
            return IndexPlan(kind: .exact)
        }
        plan.width = best.width
        plan.recall = best.result.recall
        plan.milliseconds = best.result.milliseconds
        graph.width = plan.width
        try keep(plan, snapshot, table: table, graph: graph)
        return plan
    }

    private func tune(
        _ graph: HNSWGraph, _ table: VectorTable, _ goal: IndexGoal, _ progress: Progress
    ) throws(GalleryError) -> (width: Int, result: RecallMeasurement.Result) {
        let samples = RecallMeasurement.positions(Self.sampleCount, of: table.count).map { row in
            (table.ids[row], Array(UnsafeBufferPointer(start: table.row(row), count: table.dimension)))
        }
        try progress(IndexProgress(step: "tuning", done: 0, total: Self.widths.count))
        let measurement = try RecallMeasurement(samples) { (query, top) throws(GalleryError) in
            table.nearest(query, rows: 0..<table.count, top: top)
        }
        var best = (width: Self.widths[0], result: RecallMeasurement.Result(recall: 0, milliseconds: 0))
        for (step, width) in Self.widths.enumerated() {
            try progress(IndexProgress(step: "tuning", done: step, total: Self.widths.count))
            graph.width = width
            let result = try measurement.measure { (query, top) throws(GalleryError) in
                try graph.search(query, top: top).map {
                    Neighbour(id: table.ids[$0.row], similarity: $0.similarity)
                }
            }
            if result.recall > best.result.recall { best = (width, result) }
            if result.recall >= goal.recall { break }
        }
        try progress(IndexProgress(step: "tuning", done: Self.widths.count, total: Self.widths.count))
        return best
    }

    private static let widths = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024]

    // MARK: inverted lists

    private func buildLists(
        _ plan: IndexPlan, _ goal: IndexGoal, _ progress: Progress
    ) throws(GalleryError) -> IndexPlan {
        var plan = plan
        let dimension = model.dimension
        let built = try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            let count = Int(try connection.integer("SELECT count(*) FROM images"))
            // FAISS asks for 39 vectors per centroid, and a code has 256 of them.
            guard count >= 39 * 256 else {
                throw .invalidArgument(
                    "inverted lists need at least \(39 * 256) entries to learn from, the gallery has \(count); take 'exact' or 'hnsw'"
                )
            }
            plan.lists = min(Int(4 * Double(count).squareRoot()), count / 39)
            plan.parts = (1...min(64, max(1, dimension / 4))).last { dimension % $0 == 0 } ?? 1
            let lists = try InvertedLists(dimension: dimension, lists: plan.lists, parts: plan.parts)
            let stored = StoredVectors(connection, dimension: dimension)
            let learners = Set(RecallMeasurement.positions(max(plan.lists * 40, 39 * 256), of: count))
            let asked = Set(RecallMeasurement.positions(Self.sampleCount / 2, of: count))
            var (rows, samples): ([Float], [(Int64, [Float])]) = ([], [])
            rows.reserveCapacity(learners.count * dimension)
            var (position, lastID): (Int, Int64) = (0, 0)
            try progress(IndexProgress(step: "learning", done: 0, total: 1))
            try stored.each(after: 0) { (id, vector) throws(GalleryError) in
                if learners.contains(position) { rows += Self.floats(vector) }
                if asked.contains(position) { samples.append((id, Self.floats(vector))) }
                position += 1
                lastID = id
            }
            try lists.train(rows, threads: goal.threads)
            try progress(IndexProgress(step: "learning", done: 1, total: 1))
            rows = []
            var ids: [Int64] = []
            func flush() throws(GalleryError) {
                try lists.add(rows, ids: ids, threads: goal.threads)
                rows.removeAll(keepingCapacity: true)
                ids.removeAll(keepingCapacity: true)
                try progress(IndexProgress(step: "building ivfpq", done: lists.count, total: count))
            }
            try stored.each(after: 0) { (id, vector) throws(GalleryError) in
                rows += Self.floats(vector)
                ids.append(id)
                if ids.count == Self.block { try flush() }
            }
            try flush()
            try tune(lists, samples, stored, &plan, goal, progress)
            return (state: try state(connection), lists: lists, lastID: lastID)
        }
        try keep(plan, built.state, lists: built.lists, lastListed: built.lastID)
        return plan
    }

    private func tune(
        _ lists: InvertedLists, _ samples: [(Int64, [Float])], _ stored: StoredVectors,
        _ plan: inout IndexPlan,
        _ goal: IndexGoal, _ progress: Progress
    ) throws(GalleryError) {
        var done = 0
        let total = samples.count + Self.candidates.count
        let measurement = try RecallMeasurement(samples.map { (id: $0.0, vector: $0.1) }) {
            (query, top) throws(GalleryError) in
            done += 1
            try progress(IndexProgress(step: "tuning", done: done, total: total))
            return try stored.nearest(query, after: 0, top: top)
        }
        var isReached = false
        for candidates in Self.candidates {
            try progress(IndexProgress(step: "tuning", done: done, total: total))
            done += 1
            var probes = 1
            while true {
                let result = try measurement.measure { (query, top) throws(GalleryError) in
                    let found = try lists.search(query, candidates: candidates, probes: probes)
                    return try stored.nearest(query, among: found, top: top)
                }
                let reaches = result.recall >= goal.recall
                let isBetter =
                    isReached
                    ? reaches && result.milliseconds < plan.milliseconds ?? .infinity
                    : reaches || plan.candidates == 0 || result.recall > plan.recall
                if isBetter {
                    (plan.probes, plan.candidates) = (probes, candidates)
                    (plan.recall, plan.milliseconds) = (result.recall, result.milliseconds)
                }
                isReached = isReached || reaches
                if reaches || probes >= plan.lists { break }
                probes = min(2 * probes, plan.lists)
            }
        }
    }

    /// Numbers of entries that are ranked again by their vectors.
    private static let candidates = [50, 200, 800]

    // MARK: keeping

    /// Writes the index file, and has this process search with it.
    private func keep(
        _ plan: IndexPlan, _ state: GalleryState, table: VectorTable? = nil, graph: HNSWGraph? = nil,
        lists: InvertedLists? = nil, lastListed: Int64 = 0
    ) throws(GalleryError) {
        var state = state
        state.plan = plan
        try index.adopt(state, table: table, graph: graph, lists: lists, lastListed: lastListed)
        try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            try index.save(connection)
        }
    }
}
