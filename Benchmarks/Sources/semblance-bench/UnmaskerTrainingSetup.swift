import Faces
import NN
import Perceptual
import Resources
import Torch
import Unmasking

/// The training that is measured: 128 pixels, batch 16, pixel, LPIPS (Alex), segmentation, code and EdgeFace identity losses, as in the
/// stages of `Configs/unmasker-128.json5`.
struct UnmaskerTrainingSetup {
    let configuration: UnmaskerTraining
    let data: UnmaskerData
    let task: UnmaskerTask
    let edgeFace: EdgeFace

    /// - Parameters:
    ///   - precision: "float32" or "bfloat16".
    ///   - faces: nil takes the example's.
    ///   - hasRandomViews: whether the identity loss sees faces in random views, as in a training, or in one fixed view, which
    ///     a twin can repeat.
    init(precision: String, steps: Int, faces: AlignedFaces? = nil, hasRandomViews: Bool) throws {
        var stage = UnmaskerStage()
        stage.name = "benchmark"
        stage.steps = steps
        stage.maskShare = 0.9
        stage.identity = 0.25
        var configuration = UnmaskerTraining()
        configuration.precision = precision
        configuration.heldBack = 16
        if !hasRandomViews { configuration.identityAugmentation = nil }
        configuration.stages = [stage]
        configuration.sheetEvery = 0
        configuration.validateEvery = 0
        configuration.logEvery = 5
        configuration.checkpointEvery = steps
        try configuration.validate()
        self.configuration = configuration
        let context = try Context(seed: 1)
        let lpips = try LPIPS(.alex, in: context)
        try lpips.load(contentsOf: ResourceLocator.standard.weights("lpips_alex"))
        edgeFace = try ForwardWorkloads.edgeFace()
        let identity = IdentityLoss(
            recognisers: [
                try .edgeFace(edgeFace, alignedBy: AlignmentTemplate.face128.transform(to: .arcFace112))
            ], augmentation: configuration.identityAugmentation)
        let networks = try UnmaskerNetworks(
            configuration, perceptual: lpips, identity: identity, in: context)
        data = try UnmaskerData(faces ?? ExampleFaces.make(count: 112, size: 128), configuration)
        task = try UnmaskerTask(networks, data: data)
    }
}
