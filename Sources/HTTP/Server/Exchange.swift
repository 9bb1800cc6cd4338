import CMicrohttpd
import Synchronization

/// libmicrohttpd's connection, which it lets other threads resume while it is suspended.
struct ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer
}

/// One request and its answer, from the request line to the last byte sent.
final class Exchange: Sendable {
    enum Phase: Sendable {
        /// The headers are not complete.
        case new
        case receiving(Admission)
        /// What still arrives is thrown away; then this is answered.
        case draining(Response)
        /// Suspended; a worker makes the answer.
        case working
        case done(Response)
        /// The answer was handed over.
        case answered
    }

    /// A request that is let in.
    struct Admission: Sendable {
        let match: Router.Match
        let target: RequestTarget
        let headers: HTTPFields
        let caller: Caller
        /// Bytes set aside for its body.
        let reserved: Int
    }

    struct State: Sendable {
        var phase = Phase.new
        var body: [UInt8] = []
        var received = 0
        var method = "-"
        var route = "-"
        var caller: String?
        var status = 0
        var sent = 0
        var reserved = 0
        var workSince: ContinuousClock.Instant?
    }

    let target: [UInt8]
    let peer: String
    let connection: ConnectionHandle
    let socket: Int32
    let record: ConnectionRecord?
    let started = ContinuousClock.now
    let cancellation = RequestCancellation()
    let state = Mutex(State())

    init(target: [UInt8], peer: String, connection: ConnectionHandle, record: ConnectionRecord?) {
        self.target = target
        self.peer = peer
        self.connection = connection
        self.record = record
        socket = semblance_mhd_socket(connection.pointer)
    }

    /// Hands the answer over and lets the connection go on; only the first call does.
    func finish(_ response: Response) {
        let isFirst = state.withLock { state in
            guard case .working = state.phase else { return false }
            state.phase = .done(response)
            return true
        }
        if isFirst { MHD_resume_connection(connection.pointer) }
    }
}
