import Foundation

extension PostgresGallery {
    private static let sampleCount = 100
    private static let widths = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1000]
    /// pgvector's indices hold vectors of up to so many values.
    private static let widestIndexed = 2000

    /// Everything happens in one transaction: searches go on as before until it is over, additions wait.
    public func optimise(
        _ goal: IndexGoal, actor: String, progress: (IndexProgress) throws(GalleryError) -> Void
    ) throws(GalleryError) -> IndexSummary {
        try goal.check()
        return try write { (connection: PostgresConnection) throws(GalleryError) in
            let count = try connection.run("SELECT count(*) FROM images").integer(0, 0) ?? 0
            var plan = PostgresPlan(kind: try choice(goal, Int(count)))
            try connection.execute("DROP INDEX IF EXISTS embeddings_near")
            if plan.kind != .exact {
                try build(&plan, goal, Int(count), connection, progress)
                try tune(&plan, goal, Int(count), connection, progress)
                if goal.kind == .automatic, plan.recall < goal.recall {
                    plan = .exact
                    try connection.execute("DROP INDEX embeddings_near")
                }
            }
            try connection.run("UPDATE gallery SET plan = $1", [try GalleryJSON.text(plan)])
            try Self.note(
                .optimise, ["index": plan.kind.rawValue, "recall": String(format: "%.4f", plan.recall)],
                actor, connection)
            return plan.summary
        }
    }

    private func choice(_ goal: IndexGoal, _ count: Int) throws(GalleryError) -> PostgresPlan.Kind {
        let kind: PostgresPlan.Kind =
            switch goal.kind {
            case .exact: .exact
            case .hnsw: .hnsw
            case .ivfpq: .ivfflat
            case .automatic:
                count > EmbeddedGallery.exactLimit && model.dimension <= Self.widestIndexed ? .hnsw : .exact
            }
        guard kind == .exact || model.dimension <= Self.widestIndexed else {
            throw .invalidArgument(
                "pgvector indexes up to \(Self.widestIndexed) values per vector, the gallery's have \(model.dimension); take 'exact'"
            )
        }
        return kind
    }

    private func build(
        _ plan: inout PostgresPlan, _ goal: IndexGoal, _ count: Int, _ connection: PostgresConnection,
        _ progress: (IndexProgress) throws(GalleryError) -> Void
    ) throws(GalleryError) {
        let step = "building \(plan.kind.rawValue)"
        try progress(IndexProgress(step: step, done: 0, total: max(1, count)))
        try connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        if let threads = goal.threads {
            try connection.execute("SET LOCAL max_parallel_maintenance_workers = \(threads - 1)")
        }
        plan.lists = max(1, min(Int(Double(count).squareRoot()), 32_768))
        let settings =
            plan.kind == .hnsw
            ? "m = \(plan.connections), ef_construction = \(plan.constructionWidth)" : "lists = \(plan.lists)"
        try connection.execute(
            "CREATE INDEX embeddings_near ON embeddings USING \(plan.kind.rawValue) (vector vector_cosine_ops) WITH (\(settings))"
        )
        try progress(IndexProgress(step: step, done: max(1, count), total: max(1, count)))
    }

    private func tune(
        _ plan: inout PostgresPlan, _ goal: IndexGoal, _ count: Int, _ connection: PostgresConnection,
        _ progress: (IndexProgress) throws(GalleryError) -> Void
    ) throws(GalleryError) {
        let rows = try connection.run(
            """
            SELECT image, vector FROM (SELECT image, vector, row_number() OVER (ORDER BY image) AS position
            FROM embeddings) AS numbered WHERE position % $1::bigint = 0 LIMIT $2::bigint
            """, ["\(max(1, count / Self.sampleCount))", "\(Self.sampleCount)"])
        let samples = (0..<rows.count).map { (id: rows.integer($0, 0) ?? 0, vector: rows.vector($0, 1)) }
        try progress(IndexProgress(step: "tuning", done: 0, total: Self.widths.count))
        let measurement = try RecallMeasurement(samples) { (query, top) throws(GalleryError) in
            try exact(query, top: top, .init(), connection)
        }
        var tried = plan
        plan.recall = -1
        for (step, width) in Self.widths.enumerated() {
            try progress(IndexProgress(step: "tuning", done: step, total: Self.widths.count))
            tried.width = plan.kind == .hnsw ? width : min(plan.lists, width / 8)
            let result = try measurement.measure { (query, top) throws(GalleryError) in
                try nearest(query, top: top, .init(), tried, connection)
            }
            if result.recall > plan.recall {
                plan = tried
                (plan.recall, plan.milliseconds) = (result.recall, result.milliseconds)
            }
            if result.recall >= goal.recall || (plan.kind == .ivfflat && tried.width == plan.lists) { break }
        }
        try progress(IndexProgress(step: "tuning", done: Self.widths.count, total: Self.widths.count))
    }
}
