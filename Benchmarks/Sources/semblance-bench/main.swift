import CommandLineKit

Program(
    name: "semblance-bench", version: "1",
    abstract: "The Swift side of the benchmarks; Benchmarks/run starts it.",
    commands: [
        .command(WorkerCommand.self), .command(TrainingCommand.self), .command(EnlargeCommand.self),
        .command(FeaturesCommand.self), .command(VectorsCommand.self), .command(SearchCommand.self),
    ]
).main()
