import HTTP

/// `/healthz` and `/metrics`.
struct SystemEndpoint: Endpoint {
    let metrics: Metrics
    let version: String

    var routes: [Route] {
        [
            Route(.get, "/healthz", access: nil, execution: .immediate) { [version] _ in
                try .json(["status": "ok", "version": version])
            },
            Route(.get, "/metrics", access: .read, execution: .immediate) { [metrics] _ in
                .text(metrics.text(), type: "text/plain; version=0.0.4; charset=utf-8")
            },
        ]
    }
}
