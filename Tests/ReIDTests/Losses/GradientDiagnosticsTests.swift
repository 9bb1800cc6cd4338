import Foundation
import Imaging
import NN
import ReID
import Testing
import Torch
import Training

@Suite("GradientDiagnostics") struct GradientDiagnosticsTests {
    let labels: Tensor
    let features: Tensor

    init() throws {
        labels = try Tensor((0..<12).map { Int64($0 / 3) }, shape: [12])
        let generator = try Generator(seed: 11)
        let centres = try Tensor.randn([4, 8], generator: generator)
        features = try centres.indexSelect(0, labels) + Tensor.randn([12, 8], generator: generator)
    }

    @Test("splits gradients that are known by hand") func byHand() throws {
        let x = try Tensor([3.0, 4, 0, 2], shape: [2, 2]).requiresGrad_()
        var losses = Losses()
        losses.add("length", try x.square().sum() / 2, weight: 2)  // gradient x
        losses.add("turn", try (x * Tensor([-4.0, 3, 5, 0], shape: [2, 2])).sum())
        losses.add("skew", try (x * Tensor([1.0, 0, 0, -1], shape: [2, 2])).sum(), weight: 0)
        losses.add("constant", try Tensor.scalar(1))
        let report = try GradientDiagnostics.measure(losses, at: [("x", x)], step: 4)
        #expect(report.step == 4 && report.samples == 2 && report.lengths == ["x": 3.5])
        #expect(report.entries.map(\.term) == ["length", "turn", "skew", "total"])
        func expect(
            _ term: String, _ radial: Double, _ tangential: Double, _ lengthening: Double, _ share: Double
        ) throws {
            let entry = try #require(report[term, at: "x"])
            for (value, wanted) in [
                (entry.radial, radial), (entry.tangential, tangential), (entry.lengthening, lengthening),
                (entry.radialShare, share),
            ] { #expect(abs(value - wanted) < 1e-12, "\(term): \(value), expected \(wanted)") }
        }
        try expect("length", 3.5, 0, -3.5, 1)
        try expect("turn", 0, 5, 0, 0)
        // (1, 0) on (0.6, 0.8): 0.6 along, 0.8 across; (0, -1) on (0, 1): -1 along.
        try expect("skew", 0.8, 0.4, 0.2, (0.36 + 1) / 2)
        // 2x and the turn.
        try expect("total", 7, 5, -7, 116.0 / 166)
        #expect(report["turn", at: "y"] == nil)
    }

    @Test("cosine softmax has no radial part on the feature that it normalises; triplets have one")
    func radialParts() throws {
        for dtype in [ScalarType.float32, .float64] {
            let rounding = dtype == .float32 ? 1e-6 : 1e-14
            let context = try Context(dtype: dtype, seed: 1)
            let x = try features.to(dtype: dtype).clone().requiresGrad_()
            func cosine(_ margin: CosineSoftmaxLoss.Margin) throws -> Tensor {
                try CosineSoftmaxLoss(dimension: 8, classes: 4, margin: margin, in: context)(
                    x, labels: labels)
            }
            var losses = Losses()
            losses.add("cosine", try cosine(.none))
            losses.add("arcface", try cosine(.additiveAngular(0.5)))
            losses.add(
                "circle softmax",
                try CircleSoftmaxLoss(dimension: 8, classes: 4, in: context)(x, labels: labels))
            losses.add("circle", try CirclePairLoss(scale: 16)(x, labels: labels))
            let tangentialOnly = losses.terms.map(\.name)
            losses.add("softmax", try SoftmaxLoss(dimension: 8, classes: 4, in: context)(x, labels: labels))
            losses.add("hard", try BatchHardTripletLoss()(x, labels: labels))
            losses.add("soft", try BatchHardTripletLoss(margin: nil)(x, labels: labels))
            losses.add("all", try BatchAllTripletLoss()(x, labels: labels))
            losses.add("weighted", try WeightedTripletLoss()(x, labels: labels))
            let report = try GradientDiagnostics.measure(losses, at: [("raw", x)])
            for term in losses.terms.map(\.name) {
                let entry = try #require(report[term, at: "raw"])
                // The linear classifier starts with small weights.
                #expect(entry.tangential > 1e-4, "\(term)")
                if tangentialOnly.contains(term) {
                    #expect(entry.radial < rounding * entry.tangential, "\(term): \(entry)")
                } else {
                    #expect(entry.radialShare > 0.02, "\(term): \(entry)")
                    #expect(entry.radial > 0.05 * entry.tangential, "\(term): \(entry)")
                }
            }
            // Joined, the features' lengths are supervised again.
            #expect(try #require(report["total", at: "raw"]).radial > 0)
        }
    }

    @Test("the radial part is the change of the loss with the feature's length") func finiteDifferences()
        throws
    {
        let x = try features.to(dtype: .float64).clone().requiresGrad_()
        let triplet = BatchHardTripletLoss(margin: nil)
        var losses = Losses()
        losses.add("triplet", try triplet(x, labels: labels))
        let report = try GradientDiagnostics.measure(losses, at: [("raw", x)])
        var slopes: [Double] = []
        for row in 0..<12 {
            func loss(_ change: Double) throws -> Double {
                let moved = try x.detach().clone()
                let length = try moved[row].norm().item()
                _ = try moved[row].mul_(1 + change / length)
                return try triplet(moved, labels: labels).item()
            }
            slopes.append(try (loss(1e-5) - loss(-1e-5)) / 2e-5)
        }
        let entry = try #require(report["triplet", at: "raw"])
        #expect(abs(entry.radial - slopes.map(abs).reduce(0, +) / 12) < 1e-9)
        #expect(abs(entry.lengthening + slopes.reduce(0, +) / 12) < 1e-9)
    }

    @Test("sees through the neck, and leaves graph and gradients as they are") func throughTheNeck() throws {
        let context = try Context(dtype: .float64, seed: 1)
        let projection = try Linear(8, 6, bias: false, in: context)
        let neck = try BNNeck(6, in: context)
        let joint = try JointLoss(JointLossConfiguration(), dimension: 6, classes: 4, in: context)
        func step(measuring: Bool) throws -> (report: GradientReport?, gradient: [Double]) {
            try projection.zeroGrad()
            let raw = try projection(features.to(dtype: .float64))
            let made = PersonFeatures(map: raw, raw: raw, neck: try neck(raw))
            let losses = try joint(made, labels: labels)
            let report =
                measuring
                ? try GradientDiagnostics.measure(losses, at: [("raw", made.raw), ("neck", made.neck)]) : nil
            #expect(try projection.weight.grad == nil)
            try losses.total().backward()
            return (report, try #require(try projection.weight.grad).array(Double.self))
        }
        let measured = try step(measuring: true)
        #expect(try step(measuring: false).gradient == measured.gradient)
        let report = try #require(measured.report)
        let atNeck = try #require(report["softmax", at: "neck"])
        #expect(atNeck.radial < 1e-14 && atNeck.tangential > 0.01)
        // Not so before the neck, whose statistics and scale lie between.
        #expect(try #require(report["softmax", at: "raw"]).radialShare > 1e-3)
        #expect(report["triplet", at: "neck"] == nil)
        #expect(try #require(report["triplet", at: "raw"]).radialShare > 0.02)
    }

    @Test("a run is kept in a file, resumed and drawn") func history() throws {
        let context = try Context(seed: 5)
        let weight = try features.clone().requiresGrad_()
        let joint = try JointLoss(JointLossConfiguration(), dimension: 8, classes: 4, in: context)
        var history = GradientHistory()
        for step in 0..<8 {
            try weight.setGrad(nil)
            let losses = try joint(raw: weight, neck: weight, labels: labels)
            history.append(try GradientDiagnostics.measure(losses, at: [("raw", weight)], step: step * 10))
            try losses.total().backward()
            let gradient = try #require(try weight.grad)
            _ = try noGrad { () throws(TorchError) in try weight.sub_(gradient, alpha: 0.05) }
        }
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "gradients.json").path
        try history.write(to: file)
        var resumed = try GradientHistory.read(file)
        #expect(resumed == history)
        // The run goes on from step 50: what came later is measured again.
        resumed.append(history.reports[5])
        #expect(resumed.reports == Array(history.reports[...5]))

        let plot = history.plot(at: "raw")
        #expect(
            plot.series.map(\.name) == [
                "softmax radial", "softmax tangential", "triplet radial", "triplet tangential",
            ])
        #expect(plot.series.allSatisfy { $0.points.map(\.x) == [0, 10, 20, 30, 40, 50, 60, 70] })
        let tangential = plot.series[1].points.map(\.y)
        let floor = try #require(plot.yRange).lowerBound
        // The softmax's radial part is rounding, at the edge of the plot or beside it; the triplet's is not.
        #expect(zip(plot.series[0].points, tangential).allSatisfy { $0.y < 1e-5 * $1 || $0.y == floor })
        #expect(plot.series[2].points.allSatisfy { $0.y > 100 * floor })
        #expect(plot.series[1].isDashed && !plot.series[0].isDashed)
        let image = try plot.image()
        let empty = try Plot(title: plot.title, xLabel: plot.xLabel, yLabel: plot.yLabel).image()
        #expect(image.width == empty.width && image.pixels != empty.pixels)
        #expect(
            history.plot(at: "raw", terms: ["total"]).series.map(\.name) == [
                "total radial", "total tangential",
            ])
        _ = try history.plot(at: "nowhere").image()
    }

    @Test("bad features and files are named") func refusals() throws {
        var losses = Losses()
        let x = try features.clone().requiresGrad_()
        losses.add("triplet", try BatchHardTripletLoss()(x, labels: labels))
        func message(_ tensor: Tensor) -> String {
            do {
                _ = try GradientDiagnostics.measure(losses, at: [("neck", tensor)])
                return ""
            } catch { return "\(error)" }
        }
        #expect(message(features).contains("feature 'neck' [12, 8]"))
        #expect(try message(x[0]).contains("expected [N, D]"))
        #expect(throws: ReIDError.self) { try GradientHistory.read("/nonexistent/gradients.json") }
        #expect(throws: ReIDError.self) { try GradientHistory().write(to: "/nonexistent/gradients.json") }
    }
}
