import Foundation

extension HTTPServer {
    private static let latencies = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    func declareMetrics() {
        metrics.declare(
            .init("semblance_requests_total", "Requests answered, by route, method and status.", .counter))
        metrics.declare(
            .init(
                "semblance_request_seconds", "Time from the request line to the last byte of the answer.",
                .histogram(Self.latencies)))
        metrics.declare(
            .init(
                "semblance_requests_aborted_total", "Requests whose answer could not be delivered.", .counter)
        )
        metrics.declare(
            .init("semblance_network_complaints_total", "Complaints of the network library.", .counter))
        metrics.declare(.init("semblance_queue_length", "Requests waiting for a worker.", .gauge))
        metrics.declare(.init("semblance_queue_capacity", "Requests that may wait.", .gauge))
        metrics.declare(.init("semblance_workers_busy", "Requests being carried out.", .gauge))
        metrics.declare(.init("semblance_connections", "Open connections.", .gauge))
        metrics.declare(.init("process_resident_memory_bytes", "Resident memory.", .gauge))
        metrics.declare(
            .init("process_start_time_seconds", "When the server started, seconds since 1970.", .gauge))
        let start = Date().timeIntervalSince1970
        metrics.observeAtReading { [weak self] in
            guard let self else { return [] }
            return [
                ("semblance_queue_length", [], Double(queue.length)),
                ("semblance_queue_capacity", [], Double(queue.capacity)),
                ("semblance_workers_busy", [], Double(queue.busy)),
                ("semblance_connections", [], Double(openConnections)),
                ("process_resident_memory_bytes", [], Double(ProcessMemory.resident)),
                ("process_start_time_seconds", [], start),
            ]
        }
    }
}
