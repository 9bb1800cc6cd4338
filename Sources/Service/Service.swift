import Foundation
import Gallery
import HTTP
import Resources
import Synchronization

/// Everything behind `semblance serve`: models, galleries, API and web page.
public final class Service: Sendable {
    public let server: HTTPServer
    private let engine: Engine
    private let galleries: Galleries
    private let retention: RetentionSweep?

    /// Loads the models and makes the routes.
    /// - Parameter open: opens the galleries, given the models whose embeddings they must hold.
    /// - Throws: `ServiceError`, `ServerError`, `ResourceError`, `GalleryError.otherModel` for a gallery of other models.
    public init(
        _ configuration: ServerConfiguration, settings: ServiceSettings, models: ServiceModelFiles,
        tokens: TokenFile? = nil, version: String, locator: ResourceLocator = .standard,
        log: AccessLog = .none, complain: @escaping @Sendable (String) -> Void = { _ in },
        galleries open: (_ model: (_ kind: SubjectKind, _ unmasked: Bool) -> EmbeddingModel) throws ->
            Galleries = {
                _ in try Galleries()
            }
    ) throws {
        try settings.validate()
        let metrics = Metrics()
        let authenticator = try Authenticator(tokens)
        // What the server refuses is refused before models are loaded.
        try configuration.check(asksForTokens: authenticator.asksForTokens)
        engine = try Engine(models, batching: settings.batching, metrics: metrics)
        let facts = engine.facts
        let galleries = try open { facts.embeddingModel($0, unmasked: $1) }
        self.galleries = galleries
        try galleries.check(engine.facts)
        let endpoints: [any Endpoint] = [
            SystemEndpoint(metrics: metrics, version: version), PageEndpoint(),
            UnmaskEndpoint(engine: engine, settings: settings),
            try VerifyEndpoint(engine: engine, settings: settings, locator: locator),
            EmbedEndpoint(engine: engine, settings: settings),
            SearchEndpoint(engine: engine, settings: settings, galleries: galleries),
            GalleryEndpoint(engine: engine, settings: settings, galleries: galleries),
        ]
        server = try HTTPServer(
            configuration, router: Router(endpoints.flatMap(\.routes)), authenticator: authenticator,
            metrics: metrics, log: log, complain: complain)
        retention = settings.retentionDays.map { days in
            RetentionSweep(galleries: galleries, days: days, complain: complain)
        }
    }

    /// Begins to listen.
    /// - Returns: the port.
    public func start() throws(ServerError) -> UInt16 {
        let port = try server.start()
        retention?.start()
        return port
    }

    /// Finishes what was taken, and ends.
    public func stop() {
        retention?.stop()
        server.stop()
        engine.stop()
    }
}
