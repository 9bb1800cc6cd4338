import CMicrohttpd
import Foundation

// What libmicrohttpd calls. The pointers it passes are those that it was given, or was given back.

let beginCallback:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) ->
        UnsafeMutableRawPointer? = { context, target, connection in
            guard let context, let target, let connection else { return nil }
            let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
            var peer = [CChar](repeating: 0, count: 64)
            semblance_mhd_peer(connection, &peer, peer.count)
            let record = semblance_mhd_socket_context(connection).map {
                Unmanaged<ConnectionRecord>.fromOpaque($0).takeUnretainedValue()
            }
            let bytes = UnsafeRawBufferPointer(start: target, count: strlen(target))
            let exchange = Exchange(
                target: Array(bytes),
                peer: String(decoding: peer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
                connection: ConnectionHandle(pointer: connection), record: record)
            server.add(exchange)
            return Unmanaged.passRetained(exchange).toOpaque()
        }

let accessCallback: MHD_AccessHandlerCallback = { context, connection, _, method, _, data, size, slot in
    guard let context, let connection, let method, let size, let pointer = slot?.pointee else {
        return .NO
    }
    let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
    let chunk = UnsafeRawBufferPointer(start: size.pointee > 0 ? data : nil, count: size.pointee)
    size.pointee = 0
    return server.advance(exchange, connection, method: String(cString: method), chunk) ? .YES : .NO
}

let completedCallback: MHD_RequestCompletedCallback = { context, _, slot, code in
    guard let context, let pointer = slot?.pointee else { return }
    slot?.pointee = nil
    let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    server.complete(Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue(), code)
}

let connectionCallback: MHD_NotifyConnectionCallback = { context, connection, slot, code in
    guard let context, let connection, let slot else { return }
    let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    if code == .CONNECTION_NOTIFY_STARTED {
        let record = ConnectionRecord(socket: semblance_mhd_socket(connection))
        server.add(record)
        slot.pointee = Unmanaged.passRetained(record).toOpaque()
    } else if let pointer = slot.pointee {
        slot.pointee = nil
        server.remove(Unmanaged<ConnectionRecord>.fromOpaque(pointer).takeRetainedValue())
    }
}

/// What it complains about is what clients do to it; it is counted, not told.
let logCallback: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Void = { context, _ in
    guard let context else { return }
    Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue().metrics.count(
        "semblance_network_complaints_total")
}
