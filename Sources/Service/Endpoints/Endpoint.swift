import HTTP

/// A part of the API: its routes.
protocol Endpoint: Sendable {
    var routes: [Route] { get }
}

/// A rectangle in pixels, [x, y, width, height], and how sure the detector is of it.
struct FoundFace: Encodable {
    let box: [Double]
    let score: Double
}
