import CommandLineKit
import Foundation
import Gallery

/// `semblance-bench search`: the Swift side of Benchmarks/run search; answers the commands that
/// Benchmarks/python/search_worker.py describes.
struct SearchCommand: Command {
    static let name = "search"
    static let abstract = "Read commands from standard input, and answer each with a line of JSON."

    @Option(help: "Threads that build.", in: .atLeast(1)) var threads: Int = 2

    func run(_ invocation: Invocation) throws {
        var search: Search?
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            let answer: [String: Any]
            do {
                switch (words.first, words.count) {
                case ("load", 2):
                    search = try Search(folder: words[1])
                    answer = ["version": Faiss.version, "options": Faiss.compileOptions]
                case ("build", 3):
                    let seconds = try search?.build(Int(words[1]) ?? 0, Int(words[2]) ?? 0, threads)
                    answer = ["seconds": seconds ?? 0]
                case ("width", 2): answer = ["recall": try search?.recall(width: Int(words[1]) ?? 0) ?? 0]
                case ("run", 2): answer = try search?.run(Double(words[1]) ?? 0) ?? [:]
                case ("memory", 1):
                    var usage = rusage()
                    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
                    answer = ["peak": usage.ru_maxrss * 1024]
                default: answer = ["error": "unknown command '\(line)'"]
                }
            } catch {
                print(
                    String(
                        decoding: try JSONSerialization.data(withJSONObject: ["error": "\(error)"]),
                        as: UTF8.self))
                fflush(nil)
                continue
            }
            print(String(decoding: try JSONSerialization.data(withJSONObject: answer), as: UTF8.self))
            fflush(nil)
        }
    }

    private final class Search {
        private let folder: String
        private let table: VectorTable
        private let queries: [[Float]]
        private var graph: HNSWGraph?

        init(folder: String) throws {
            self.folder = folder
            let dimension = VectorsCommand.dimension
            let size = 4 * dimension
            let base = try Data(
                contentsOf: URL(fileURLWithPath: "\(folder)/base.f32"), options: .alwaysMapped)
            let table = try VectorTable(dimension: dimension, capacity: base.count / size)
            try base.withUnsafeBytes { bytes in
                for row in 0..<(base.count / size) {
                    try table.append(
                        Int64(row), UnsafeRawBufferPointer(rebasing: bytes[(row * size)..<((row + 1) * size)])
                    )
                }
            }
            self.table = table
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/queries.f32"))
            queries = data.withUnsafeBytes { bytes in
                let values = bytes.bindMemory(to: Float.self)
                return (0..<(values.count / dimension)).map {
                    Array(values[($0 * dimension)..<(($0 + 1) * dimension)])
                }
            }
        }

        func build(_ connections: Int, _ width: Int, _ threads: Int) throws -> Double {
            let start = ContinuousClock().now
            let graph = try HNSWGraph(
                dimension: table.dimension, connections: connections, constructionWidth: width)
            graph.setRows(table.base)
            while graph.count < table.count {
                try graph.add(min(20_000, table.count - graph.count), threads: threads)
            }
            self.graph = graph
            return (ContinuousClock().now - start) / .seconds(1)
        }

        func recall(width: Int) throws -> Double {
            guard let graph else { return 0 }
            graph.width = width
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/truth.i32"))
            let truth = data.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
            var found = 0
            for (number, query) in queries.enumerated() {
                let rows = try graph.search(query, top: 10).map { Int32($0.row) }
                found += Set(rows).intersection(truth[(10 * number)..<(10 * number + 10)]).count
            }
            return Double(found) / Double(10 * queries.count)
        }

        func run(_ seconds: Double) throws -> [String: Any] {
            guard let graph else { return [:] }
            func now(_ clock: clockid_t) -> Double {
                var time = timespec()
                clock_gettime(clock, &time)
                return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
            }
            var (times, busy): ([Double], [Double]) = ([], [])
            let end = now(CLOCK_MONOTONIC) + seconds
            repeat {
                let query = queries[times.count % queries.count]
                let (start, used) = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
                _ = try graph.search(query, top: 10)
                times.append(now(CLOCK_MONOTONIC) - start)
                busy.append(now(CLOCK_PROCESS_CPUTIME_ID) - used)
            } while now(CLOCK_MONOTONIC) < end
            return ["seconds": times, "processor": busy]
        }
    }
}
