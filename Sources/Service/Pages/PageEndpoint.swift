import HTTP

/// The web page and the description of the API, both part of the program.
struct PageEndpoint: Endpoint {
    private static let files: [(path: String, type: String, content: [UInt8])] = [
        ("/", "text/html; charset=utf-8", PackageResources.index_html),
        ("/style.css", "text/css; charset=utf-8", PackageResources.style_css),
        ("/app.js", "text/javascript; charset=utf-8", PackageResources.app_js),
        ("/icon.svg", "image/svg+xml", PackageResources.icon_svg),
        ("/openapi.json", "application/json", PackageResources.openapi_json),
    ]

    var routes: [Route] {
        Self.files.map { file in
            Route(.get, file.path, access: nil, execution: .immediate) { _ in
                var response = Response(type: file.type, body: file.content)
                response.headers.append(("Cache-Control", "no-cache"))
                return response
            }
        }
    }
}
