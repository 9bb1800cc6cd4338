import Foundation
import Metrics

/// How much of what a mask costs is won back: (TAR - TAR masked) / (TAR clean - TAR masked), at one false acceptance rate.
struct GapClosed: Encodable {
    struct Share: Encodable {
        let tar: Double
        /// Absent where the mask costs nothing.
        let closed: Double?
        /// 95 %, from the same draws of persons for all probes; only for all pairs.
        let interval: Interval?
    }

    let recogniser: String
    /// "1e-4".
    let far: String
    /// Whether every first photo was compared with every second one; otherwise the list's pairs.
    let allPairs: Bool
    let clean: Double
    let masked: Double
    /// The masked face cut out by corrected landmarks.
    let realigned: Share
    let recovered: Share
    let fused: Share

    static func measure(_ results: [VerificationSummary], of recogniser: String) -> [GapClosed] {
        func run(_ probe: String) -> VerificationSummary? {
            results.first { $0.report.recogniser == recogniser && $0.report.probe == probe }
        }
        guard let clean = run("clean"), let masked = run("masked"), let realigned = run("realigned"),
            let recovered = run("recovered"), let fused = run("fused")
        else { return [] }
        let runs = [clean, masked, realigned, recovered, fused]
        return VerificationSummary.rates.compactMap { rate -> GapClosed? in
            let all = runs.compactMap { $0.report.allPairs?.tar[rate.name] }
            let tars = all.count == runs.count ? all : runs.compactMap { $0.report.tar[rate.name] }
            guard tars.count == runs.count else { return nil }
            let draws = runs.compactMap { $0.draws[rate.name] }
            func share(_ index: Int) -> Share {
                func closed(_ clean: Double, _ masked: Double, _ value: Double) -> Double? {
                    clean > masked ? (value - masked) / (clean - masked) : nil
                }
                let values =
                    draws.count == runs.count
                    ? draws[0].indices.compactMap { closed(draws[0][$0], draws[1][$0], draws[index][$0]) }
                    : []
                return Share(
                    tar: tars[index], closed: closed(tars[0], tars[1], tars[index]),
                    interval: values.isEmpty ? nil : .percentile(values))
            }
            return GapClosed(
                recogniser: recogniser, far: rate.name, allPairs: all.count == runs.count, clean: tars[0],
                masked: tars[1], realigned: share(2), recovered: share(3), fused: share(4))
        }
    }

    static func lines(_ gaps: [GapClosed]) -> [String] {
        guard !gaps.isEmpty else { return [] }
        func percent(_ value: Double) -> String { String(format: "%.1f", value * 100) }
        func text(_ share: Share) -> String {
            guard let closed = share.closed else { return "\(percent(share.tar))" }
            let range = share.interval.map { " (\(percent($0.low)) to \(percent($0.high)))" } ?? ""
            return "\(percent(share.tar)), gap closed \(percent(closed)) %\(range)"
        }
        return gaps.map {
            "\($0.recogniser), TAR@FAR \($0.far)\($0.allPairs ? " over all pairs" : ""): clean \(percent($0.clean)), masked \(percent($0.masked)), realigned \(text($0.realigned)), recovered \(text($0.recovered)), fused \(text($0.fused))"
        }
    }
}
