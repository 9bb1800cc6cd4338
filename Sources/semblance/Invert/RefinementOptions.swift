import CommandLineKit
import NN
import Perceptual
import Resources
import Torch
import Unmasking

/// `--refine`, `--iterations`, `--prior`, `--lpips`: refinement of codes at test time.
struct RefinementOptions: OptionGroup {
    static let title = "Refining"

    @Option(
        help:
            "Optimisation steps on each face's codes that fit its visible pixels; each costs a pass forward and back.",
        value: "STEPS", in: .between(0, 10_000)) var refine: Int = 0
    @Option(
        help: "Rounds of encoding the drawing and correcting by the difference, before the optimisation.",
        in: .between(0, 100)) var iterations: Int = 0
    @Option(help: "Weight that keeps refined codes near the encoder's.", in: .atLeast(0)) var prior: Double =
        LatentRefinement().prior
    @Option(
        help: "LPIPS (Alex) weights for --refine; the default are the installed ones, if any.", value: "FILE")
    var lpips: FilePath?

    /// nil when neither steps nor rounds were asked for.
    var refinement: LatentRefinement? {
        guard refine > 0 || iterations > 0 else { return nil }
        var refinement = LatentRefinement()
        refinement.steps = refine
        refinement.iterations = iterations
        refinement.prior = prior
        return refinement
    }

    /// LPIPS where its weights are there: refinement works without, by colour alone.
    func perceptual(_ locator: ResourceLocator, _ device: Device, _ reporter: Reporter) throws -> LPIPS? {
        guard refine > 0 else { return nil }
        guard let path = lpips?.string ?? (try? locator.weights("lpips_alex")) else {
            reporter.note("LPIPS is not installed (Scripts/setup): refining by colour alone")
            return nil
        }
        let network = try LPIPS(.alex, in: Context(device: device, seed: 0))
        try network.load(contentsOf: path)
        return network
    }
}
