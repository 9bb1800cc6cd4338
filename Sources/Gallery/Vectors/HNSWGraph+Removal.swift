import CFaiss

extension HNSWGraph {
    /// Takes rows out of the graph: nothing leads to them any more. Rows that led to one are linked to where it led, as far
    /// as the rule for new rows picks those (algorithm 4 of Malkov & Yashunin).
    /// - Parameters:
    ///   - gone: rows to take out; their vectors are not looked at.
    ///   - isLive: of every row, whether it stays in the graph; false for those of `gone` and those taken out before.
    func remove(_ gone: Set<Int>, rows: UnsafePointer<Float>, isLive: [Bool]) {
        guard !gone.isEmpty else { return }
        var graph = cf_graph()
        cf_hnsw_view(handle, &graph)
        for row in 0..<Int(graph.count) where isLive[row] {
            for level in 0..<graph.levels[row] {
                let places = self.places(row, level)
                let links = UnsafeMutableBufferPointer(
                    start: graph.links + places.lowerBound, count: places.count)
                let now = links.prefix { $0 >= 0 }
                guard now.contains(where: { gone.contains(Int($0)) }) else { continue }
                var candidates = Set<Int32>()
                for link in now {
                    if !gone.contains(Int(link)) {
                        candidates.insert(link)
                    } else {
                        candidates.formUnion(reachable(from: link, level, graph, gone))
                    }
                }
                candidates.remove(Int32(row))
                candidates = candidates.filter { isLive[Int($0)] }
                let chosen = pick(candidates, near: row, rows, limit: places.count)
                for index in links.indices { links[index] = index < chosen.count ? chosen[index] : -1 }
            }
        }
        for row in gone {
            for level in 0..<graph.levels[row] {
                for place in places(row, level) { graph.links[place] = -1 }
            }
        }
        if graph.entry >= 0, gone.contains(Int(graph.entry)) { moveEntry(graph, isLive) }
    }

    private func places(_ row: Int, _ level: Int32) -> Range<Int> {
        var (begin, end): (Int64, Int64) = (0, 0)
        cf_hnsw_range(handle, Int64(row), level, &begin, &end)
        return Int(begin)..<Int(end)
    }

    /// Where a removed row leads, through other removed rows too: a whole person's images may be each other's links.
    private func reachable(from start: Int32, _ level: Int32, _ graph: cf_graph, _ gone: Set<Int>) -> [Int32]
    {
        var found: [Int32] = []
        var seen: Set<Int32> = [start]
        var next = [start]
        while let row = next.popLast(), found.count < 256 {
            for place in places(Int(row), level) {
                let link = graph.links[place]
                guard link >= 0 else { break }
                guard seen.insert(link).inserted else { continue }
                if gone.contains(Int(link)) { next.append(link) } else { found.append(link) }
            }
        }
        return found
    }

    /// From near to far, each that is nearer to the row than to any picked before; then the nearest of the others.
    private func pick(
        _ candidates: Set<Int32>, near row: Int, _ rows: UnsafePointer<Float>, limit: Int
    ) -> [Int32] {
        let d = Int64(dimension)
        func product(_ a: Int, _ b: Int) -> Float {
            cf_inner_product(rows + a * dimension, rows + b * dimension, d)
        }
        guard candidates.count > limit else { return candidates.sorted() }
        let ordered = candidates.map { ($0, product(row, Int($0))) }
            .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
        var picked: [Int32] = []
        var others: [Int32] = []
        for (candidate, nearness) in ordered where picked.count < limit {
            if picked.contains(where: { product(Int($0), Int(candidate)) > nearness }) {
                others.append(candidate)
            } else {
                picked.append(candidate)
            }
        }
        return picked + others.prefix(limit - picked.count)
    }

    /// Searches begin at a row of the highest level that is left.
    private func moveEntry(_ graph: cf_graph, _ isLive: [Bool]) {
        var entry = -1
        for row in 0..<Int(graph.count) where isLive[row] {
            if entry < 0 || graph.levels[row] > graph.levels[entry] { entry = row }
        }
        cf_hnsw_set_entry(handle, Int32(entry), entry < 0 ? -1 : graph.levels[entry] - 1)
    }
}
