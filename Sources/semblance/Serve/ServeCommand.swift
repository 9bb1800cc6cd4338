import CommandLineKit
import Foundation
import Gallery
import HTTP
import Resources
import Service
import Unmasking

/// `semblance serve`: the HTTP API and the web page.
struct ServeCommand: Command {
    static let name = "serve"
    static let abstract = "Serve unmasking, comparison and search over HTTP, with a web page."
    static let discussion = """
        Listens on this machine alone unless --host says otherwise; any other address needs --tokens, and callers then send \
        'Authorization: Bearer TOKEN'. The API is described at /openapi.json, metrics for Prometheus are at /metrics.
        Photos stay in memory. One line of JSON per request goes to standard error, or to --access-log FILE; it holds no \
        names and no pictures.
        Galleries are searched, added to and deleted from by callers with the right to; 'reid index' and 'faces index' make them.
        SIGTERM and Ctrl-C stop in good order: no new requests, those that were taken are finished.
        """
    static let examples = [
        CommandExample("semblance serve", "http://localhost:8080 for this machine."),
        CommandExample(
            "semblance serve --host 0.0.0.0 --host-name faces.example --tokens tokens.json --certificate cert.pem --key key.pem",
            "For other machines: with tokens and TLS."),
        CommandExample(
            "semblance serve --gallery people.gallery --gallery faces.gallery --retention 30",
            "With galleries, whose entries are deleted after 30 days."),
    ]

    @Option(help: "Address to listen on, in digits.", value: "ADDRESS") var host: String = "127.0.0.1"
    @Option(help: "Port to listen on; 0 takes a free one.", in: .between(0, 65535)) var port: Int = 8080
    @Option(help: "A name by which callers may call this server, beside its address.", value: "NAME")
    var hostName: [String]
    @Option(help: "Certificate chain for TLS, PEM.", value: "FILE") var certificate: FilePath?
    @Option(help: "Private key for TLS, PEM.", value: "FILE") var key: FilePath?
    @Option(help: "Who may call; see 'serve token'.", value: "FILE") var tokens: FilePath?
    @Option(
        help: "Where the line per request goes: a file, 'none', or '-' for standard error.", value: "FILE")
    var accessLog: FilePath = "-"
    @Option(
        help: "A gallery to serve: a file, or postgresql://…; at most one of people and one of faces.",
        value: "FILE") var gallery: [FilePath]
    @Option(
        help: "Delete entries of the galleries that are older, at the start and every hour.", value: "DAYS",
        in: .above(0)) var retention: Double?
    let load = ServeLoadOptions()
    @Option(help: "Unmasking model.", value: "FILE") var model: FilePath?
    @Option(help: "Re-identification model.", value: "FILE") var personModel: FilePath?
    let recognition = RecogniserOptions()
    let compute = ComputeOptions()
    @Flag(short: "q", help: "Print nothing but errors.") var quiet: Bool

    func validate() throws(UsageError) {
        guard (certificate == nil) == (key == nil) else {
            throw UsageError("--certificate and --key go together")
        }
        if retention != nil, gallery.isEmpty {
            throw UsageError("--retention is about galleries: it needs --gallery")
        }
    }

    func run(_ invocation: Invocation) throws {
        let reporter = invocation.reporter
        let locator = ResourceLocator.standard
        var configuration = ServerConfiguration(
            address: try ListenAddress(host: host, port: UInt16(port)))
        configuration.hostNames = hostName
        configuration.limits = load.limits
        if let certificate, let key {
            configuration.certificate = try TLSCertificate(
                certificatePath: certificate.string, keyPath: key.string)
        }
        var settings = load.settings
        settings.retentionDays = retention
        var models = try ServiceModelFiles(
            installedIn: locator, unmasker: model?.string, person: personModel?.string,
            recogniser: recognition.recogniser, recogniserWeights: recognition.weights?.string)
        models.threads = compute.threads
        models.device = compute.device
        let service = try Service(
            configuration, settings: settings, models: models, tokens: tokens.map { TokenFile($0.string) },
            version: Semblance.version, locator: locator, log: try log(),
            complain: { reporter.warning($0) }
        ) { _ in
            try Galleries(gallery.map { try GalleryLocation.open($0.string) })
        }
        let bound = try service.start()
        let scheme = configuration.certificate == nil ? "http" : "https"
        let name =
            configuration.address.isLoopback ? "localhost" : hostName.first ?? configuration.address.host
        if !quiet { reporter.note("serving \(scheme)://\(name):\(bound)") }
        while !invocation.cancellation.isCancelled { usleep(50_000) }
        service.stop()
    }

    private func log() throws -> AccessLog {
        switch accessLog.string {
        case "none": return .none
        case "-":
            return .json { text in
                // There is nowhere left to tell that standard error cannot be written.
                try? TextOutput.standardError.write(text)
            }
        case let path:
            let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else {
                throw ServerError.configuration(
                    "\(path): cannot be written: \(String(cString: strerror(errno)))")
            }
            // One write per line, which O_APPEND keeps whole.
            return .json { text in
                let bytes = Array(text.utf8)
                _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            }
        }
    }
}
