import CMicrohttpd
import Foundation

extension HTTPServer {
    /// Bytes of a refused body that are read to the end, so that the client sees the answer; longer ones are cut off.
    private static let drainLimit = 1 << 20

    /// One step of a request: its headers, a piece of its body, its end, or its answer.
    /// - Returns: false closes the connection.
    func advance(
        _ exchange: Exchange, _ connection: OpaquePointer, method: String, _ chunk: UnsafeRawBufferPointer
    ) -> Bool {
        switch exchange.state.withLock({ $0.phase }) {
        case .new: return begin(exchange, connection, method)
        case .receiving(let admission):
            return chunk.isEmpty
                ? carryOut(exchange, connection, admission) : receive(exchange, chunk, admission)
        case .draining(let response):
            if chunk.isEmpty { return answer(exchange, connection, response, closing: true) }
            return exchange.state.withLock {
                $0.received += chunk.count
                return $0.received <= Self.drainLimit
            }
        case .done(let response): return answer(exchange, connection, response)
        case .working, .answered: return false
        }
    }

    private func begin(_ exchange: Exchange, _ connection: OpaquePointer, _ method: String) -> Bool {
        let headers = Self.headers(connection)
        exchange.state.withLock { $0.method = String(method.prefix(16)) }
        let declared = headers.all("Content-Length").last.flatMap { Int($0) }
        do {
            let admission = try admit(exchange, method, headers, declared)
            exchange.state.withLock {
                $0.phase = .receiving(admission)
                $0.body.reserveCapacity(min(declared ?? 0, admission.match.route.maximumBody))
            }
            return true
        } catch {
            let response = Response(error)
            if !headers.all("Transfer-Encoding").isEmpty || (1...Self.drainLimit).contains(declared ?? 0) {
                exchange.state.withLock { $0.phase = .draining(response) }
                return true
            }
            return answer(exchange, connection, response, closing: declared ?? 0 > 0)
        }
    }

    /// Whether the request is let in; decided by its headers alone.
    private func admit(_ exchange: Exchange, _ method: String, _ headers: HTTPFields, _ declared: Int?)
        throws(HTTPProblem) -> Exchange.Admission
    {
        let target = try RequestTarget(exchange.target)
        try hosts.check(headers)
        let match = try router.route(method, target.segments)
        exchange.state.withLock { $0.route = match.route.path }
        var caller = Caller(name: "-", access: .read)
        if let needed = match.route.access {
            caller = try authenticator.caller(authorization: headers.single("Authorization"))
            exchange.state.withLock { [caller] in $0.caller = caller.name }
            guard caller.access >= needed else {
                throw HTTPProblem(
                    .forbidden,
                    "this needs a token with the right '\(needed.rawValue)'; this one has '\(caller.access.rawValue)'"
                )
            }
        }
        guard !isStopping else { throw .busy("the server is stopping", retryAfter: 30) }
        guard headers.all("Content-Encoding").allSatisfy({ $0.lowercased() == "identity" }) else {
            throw HTTPProblem(.unsupportedMediaType, "compressed bodies are not taken")
        }
        let maximum = match.route.maximumBody
        let isChunked = !headers.all("Transfer-Encoding").isEmpty
        if maximum == 0, isChunked || declared ?? 0 > 0 {
            throw .badRequest("this request takes no body")
        }
        if let declared, declared > maximum {
            throw HTTPProblem(
                .contentTooLarge, "the body has \(declared) bytes, the limit is \(maximum)")
        }
        let reserved = isChunked ? maximum : declared ?? 0
        guard reserve(reserved) else {
            throw .busy("too many uploads at once; try again", retryAfter: 2)
        }
        exchange.state.withLock { $0.reserved = reserved }
        return Exchange.Admission(
            match: match, target: target, headers: headers, caller: caller, reserved: reserved)
    }

    private func receive(
        _ exchange: Exchange, _ chunk: UnsafeRawBufferPointer, _ admission: Exchange.Admission
    ) -> Bool {
        let maximum = admission.match.route.maximumBody
        exchange.state.withLock { state in
            state.received += chunk.count
            if state.received <= maximum {
                state.body.append(contentsOf: chunk)
            } else {
                state.body = []
                state.received = 0
                state.phase = .draining(
                    Response(
                        HTTPProblem(.contentTooLarge, "the body has more than \(maximum) bytes, the limit")))
            }
        }
        return true
    }

    private func carryOut(
        _ exchange: Exchange, _ connection: OpaquePointer, _ admission: Exchange.Admission
    ) -> Bool {
        let body = exchange.state.withLock { state in
            defer { state.body = [] }
            return state.body
        }
        let request = Request(
            method: admission.match.method, target: admission.target, headers: admission.headers, body: body,
            parameters: admission.match.parameters, caller: admission.caller,
            cancellation: exchange.cancellation)
        let route = admission.match.route
        exchange.record?.enter(.working)
        if route.execution == .immediate {
            return answer(exchange, connection, respond(route, request))
        }
        exchange.state.withLock {
            $0.phase = .working
            $0.workSince = .now
        }
        // Before a worker can have the answer, the connection must wait for it.
        MHD_suspend_connection(connection)
        let isTaken = queue.submit { [self] in
            guard exchange.cancellation.reason == nil else { return }
            exchange.finish(respond(route, request))
        }
        if !isTaken {
            exchange.finish(
                Response(
                    HTTPProblem.busy(
                        isStopping ? "the server is stopping" : "all workers are busy and the queue is full",
                        retryAfter: isStopping ? 30 : 1)))
        }
        return true
    }

    private func respond(_ route: Route, _ request: Request) -> Response {
        do { return try route.handler(request) } catch let problem as HTTPProblem {
            return Response(problem)
        } catch let reason as RequestCancellation.Reason {
            switch reason {
            case .clientGone: return Response(HTTPProblem.badRequest("the client closed the connection"))
            case .timeLimit:
                return Response(HTTPProblem(.gatewayTimeout, "the answer took longer than the time limit"))
            case .shutdown: return Response(HTTPProblem.busy("the server is stopping", retryAfter: 30))
            }
        } catch {
            complain("\(route.method.rawValue) \(route.path): \(error)")
            return Response(
                HTTPProblem(.internalError, "something failed on the server; its log says what"))
        }
    }

    private func answer(
        _ exchange: Exchange, _ connection: OpaquePointer, _ response: Response, closing: Bool = false
    ) -> Bool {
        let body = response.body
        let pointer = body.withUnsafeBytes { bytes in
            MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let pointer else {
            complain("no memory for an answer of \(body.count) bytes")
            return false
        }
        defer { MHD_destroy_response(pointer) }
        var headers = response.headers + SecurityHeaders.all
        if response.header("Cache-Control") == nil { headers.append(SecurityHeaders.noStore) }
        if closing || isStopping { headers.append(("Connection", "close")) }
        for (name, value) in headers { MHD_add_response_header(pointer, name, value) }
        // The body is no longer needed, and its room is free before the client can know the answer.
        let reserved = exchange.state.withLock { state in
            state.phase = .answered
            state.status = response.status.code
            state.sent = body.count
            state.workSince = nil
            defer { state.reserved = 0 }
            return state.reserved
        }
        release(reserved)
        exchange.record?.enter(.sending)
        return MHD_queue_response(connection, UInt32(response.status.code), pointer) == .YES
    }

    /// The end of a request, however it came.
    func complete(_ exchange: Exchange, _ code: MHD_RequestTerminationCode) {
        // A connection that breaks while it is suspended ends here too.
        exchange.cancellation.cancel(.clientGone)
        let state = exchange.state.withLock { state in
            defer {
                state.reserved = 0
                state.workSince = nil
                state.phase = .answered
            }
            return state
        }
        release(state.reserved)
        exchange.record?.enter(.receiving)
        remove(exchange)
        let isDone = code == .REQUEST_TERMINATED_COMPLETED_OK
        let time = (ContinuousClock.now - exchange.started) / .seconds(1)
        let method = HTTPMethod(rawValue: state.method)?.rawValue ?? "other"
        if state.status > 0 {
            metrics.count(
                "semblance_requests_total",
                [("route", state.route), ("method", method), ("status", "\(state.status)")])
            metrics.observe("semblance_request_seconds", [("route", state.route)], time)
        }
        if !isDone {
            metrics.count("semblance_requests_aborted_total", [("route", state.route)])
        }
        let outcome =
            switch code {
            case .REQUEST_TERMINATED_COMPLETED_OK: "done"
            case .REQUEST_TERMINATED_TIMEOUT_REACHED: "time limit"
            case .REQUEST_TERMINATED_DAEMON_SHUTDOWN: "shutdown"
            case .REQUEST_TERMINATED_READ_ERROR, .REQUEST_TERMINATED_CLIENT_ABORT: "client gone"
            default: "error"
            }
        log(
            AccessLog.Line(
                time: Date.now.formatted(.iso8601), peer: exchange.peer, caller: state.caller, method: method,
                route: state.route, status: state.status, received: state.received, sent: state.sent,
                milliseconds: (time * 1e5).rounded() / 100, outcome: outcome))
    }

    private static func headers(_ connection: OpaquePointer) -> HTTPFields {
        var fields = HTTPFields()
        withUnsafeMutablePointer(to: &fields) { pointer in
            _ = MHD_get_connection_values(
                connection, .HEADER_KIND,
                { context, _, name, value in
                    guard let context, let name else { return .YES }
                    context.assumingMemoryBound(to: HTTPFields.self).pointee.add(
                        String(cString: name), value.map { String(cString: $0) } ?? "")
                    return .YES
                }, pointer)
        }
        return fields
    }
}
