import CommandLineKit

/// The program and the list of its commands. A new command is one file and one line here.
enum Semblance {
    static let version = "0.1.0"

    static let program = Program(
        name: "semblance", version: version,
        abstract: "Recover the faces under masks, and recognise people across cameras.",
        commands: [
            .command(UnmaskCommand.self),
            .command(MaskCommand.self),
            .group(
                name: "evaluate", abstract: "Measure quality on data with known answers.",
                [
                    .command(EvaluateUnmaskingCommand.self), .command(EvaluateVerificationCommand.self),
                    .command(EvaluateLandmarksCommand.self),
                    .command(EvaluateReIDCommand.self), .command(EvaluateGradientsCommand.self),
                ]),
            .group(
                name: "embed", abstract: "Turn images into embeddings.", [.command(EmbedPersonCommand.self)]),
            PeopleGallery.commands,
            FaceGallery.commands,
            .command(PrepareCommand.self),
            .command(VerifyCommand.self),
            .group(
                name: "train", abstract: "Train a model.",
                [
                    .command(TrainUnmaskerCommand.self), .command(TrainGeneratorCommand.self),
                    .command(TrainLandmarksCommand.self), .command(TrainRecogniserCommand.self),
                    .command(TrainComparisonCommand.self),
                    .command(TrainReIDCommand.self),
                ]),
            .group(
                name: "data", abstract: "Look at data sets.", [.command(DataReIDCommand.self)]),
            .command(ImportCommand.self),
            .command(GenerateCommand.self),
            .command(InvertCommand.self),
            .branch(
                ServeCommand.self,
                [
                    .group(
                        name: "token", abstract: "Say who may call the server.",
                        [
                            .command(ServeTokenAddCommand.self), .command(ServeTokenListCommand.self),
                            .command(ServeTokenRemoveCommand.self),
                        ])
                ]),
            .command(DoctorCommand.self),
            .command(CompletionCommand.self),
            .command(ManualCommand.self),
        ])
}
