import CommandLineKit
import HTTP
import Service

/// What a server takes on at once.
struct ServeLoadOptions: OptionGroup {
    static let title = "Load"

    @Option(help: "Requests carried out at once; most of them wait for the models.", in: .between(1, 256))
    var workers: Int = ServerLimits().workers
    @Option(help: "Requests that may wait; more are answered by 503.", in: .between(1, 100_000))
    var queue: Int = ServerLimits().queue
    @Option(help: "Open connections.", in: .between(2, 100_000))
    var connections: Int = ServerLimits().connections
    @Option(
        help: "Inputs of concurrent requests in one forward pass; 1 turns batching off.", in: .between(1, 256)
    )
    var batch: Int = BatchingSettings().maximum
    @Option(
        help: "Milliseconds that an input waits for others to share its forward pass.", in: .between(0, 1000))
    var batchWait: Double = BatchingSettings().milliseconds
    @Option(help: "Largest request in megabytes.", in: .between(0.01, 1000))
    var maxSize: Double = 20
    @Option(help: "Largest photo in millions of pixels.", in: .between(0.01, 400))
    var maxPixels: Double = 25
    @Option(help: "Seconds after which a request is given up.", in: .between(0.1, 86_400))
    var timeout: Double = ServerLimits().work
    @Option(help: "Seconds that stopping waits for what was begun.", in: .between(0, 86_400))
    var grace: Double = ServerLimits().grace

    var limits: ServerLimits {
        var limits = ServerLimits()
        limits.workers = workers
        limits.queue = queue
        limits.connections = connections
        limits.work = timeout
        limits.grace = grace
        return limits
    }

    var settings: ServiceSettings {
        var settings = ServiceSettings()
        settings.maximumBytes = Int(maxSize * 1e6)
        settings.maximumPixels = Int(maxPixels * 1e6)
        settings.batching.maximum = batch
        settings.batching.milliseconds = batchWait
        return settings
    }
}
