import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Calls `semblance serve`.
struct Client {
    var url: URL
    var token: String?

    /// From SEMBLANCE_URL (http://127.0.0.1:8080 without it) and SEMBLANCE_TOKEN.
    init() throws {
        let variables = ProcessInfo.processInfo.environment
        let text = variables["SEMBLANCE_URL"] ?? "http://127.0.0.1:8080"
        guard let url = URL(string: text), url.scheme != nil else {
            throw Problem(status: 0, detail: "SEMBLANCE_URL is no address: \(text)")
        }
        self.url = url
        token = variables["SEMBLANCE_TOKEN"]
    }

    func unmask(_ photo: Data) async throws -> Unmasked {
        try await post("v1/unmask", files: ["image": photo])
    }

    /// - Parameter far: share of pairs of different people that may be taken for the same.
    func verify(_ first: Data, _ second: Data, far: Double = 0.001) async throws -> Verified {
        try await post(
            "v1/verify", files: ["first": first, "second": second],
            values: ["unmask": "true", "far": "\(far)"])
    }

    /// Puts a photo's face or person into a gallery; the photo itself is not kept.
    func add(_ photo: Data, to kind: String, identity: String?) async throws -> Added {
        try await post(
            "v1/gallery/\(kind)/entries", files: ["image": photo],
            values: identity.map { ["identity": $0] } ?? [:])
    }

    func search(_ kind: String, for photo: Data, top: Int = 10) async throws -> Found {
        try await post("v1/search", files: ["image": photo], values: ["kind": kind, "top": "\(top)"])
    }

    /// Sends a form, waits while the server is busy, and reads the answer.
    /// - Throws: `Problem` when the server refuses, `URLError` when it cannot be reached.
    private func post<Answer: Decodable>(
        _ path: String, files: [String: Data], values: [String: String] = [:]
    ) async throws -> Answer {
        let form = Form(files: files, values: values)
        var request = URLRequest(url: url.appendingPathComponent(path))
        request.httpMethod = "POST"
        request.timeoutInterval = 120
        request.setValue(form.type, forHTTPHeaderField: "Content-Type")
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        request.httpBody = form.body
        for attempt in 1... {
            let (data, response) = try await URLSession.shared.data(for: request)
            guard let response = response as? HTTPURLResponse else { break }
            if (200..<300).contains(response.statusCode) {
                return try JSONDecoder().decode(Answer.self, from: data)
            }
            guard response.statusCode == 503, attempt < 5 else {
                throw (try? JSONDecoder().decode(Problem.self, from: data))
                    ?? Problem(status: response.statusCode, detail: "no reason was given")
            }
            let wait = response.value(forHTTPHeaderField: "Retry-After").flatMap(Double.init) ?? 1
            try await Task.sleep(for: .seconds(wait))
        }
        throw Problem(status: 0, detail: "the answer is none of HTTP")
    }
}

/// `multipart/form-data` (RFC 7578).
private struct Form {
    private let boundary = "form-\(UUID().uuidString)"
    private(set) var body = Data()

    var type: String { "multipart/form-data; boundary=\(boundary)" }

    init(files: [String: Data], values: [String: String]) {
        for (name, content) in files {
            body += Data(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"photo\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                    .utf8)
            body += content + Data("\r\n".utf8)
        }
        for (name, value) in values {
            body += Data(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        body += Data("--\(boundary)--\r\n".utf8)
    }
}
