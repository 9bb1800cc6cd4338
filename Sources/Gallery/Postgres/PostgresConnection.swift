import CPostgres
import Foundation

/// A connection to a server. One thread may use it at a time.
final class PostgresConnection: SQLConnection, @unchecked Sendable {
    enum Transaction: String {
        /// Sees one state throughout.
        case reading = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
        case writing = "ISOLATION LEVEL READ COMMITTED"
    }

    private let handle: OpaquePointer
    private let display: String

    init(_ address: PostgresAddress) throws(GalleryError) {
        display = address.display
        let settings = [
            ("connect_timeout", "10"), ("application_name", "semblance"), ("dbname", address.connection),
            ("client_encoding", "UTF8"),
        ]
        var names = settings.map { strdup($0.0) }
        var values = settings.map { strdup($0.1) }
        defer { for text in names + values { free(text) } }
        names.append(nil)
        values.append(nil)
        let made = names.map { UnsafePointer($0) }.withUnsafeBufferPointer { names in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                PQconnectdbParams(names.baseAddress, values.baseAddress, 1)
            }
        }
        guard let made else { throw .storage(path: display, reason: "out of memory") }
        handle = made
        guard PQstatus(made) == CONNECTION_OK else {
            let reason = Self.message(made)
            throw .storage(path: display, reason: "the server cannot be reached: \(reason)")
        }
        PQsetNoticeProcessor(made, { _, _ in }, nil)
    }

    deinit { PQfinish(handle) }

    /// Asks the server whether the connection still stands.
    var isAlive: Bool {
        let result = PQexec(handle, "")
        defer { PQclear(result) }
        return PQresultStatus(result) == PGRES_EMPTY_QUERY && PQtransactionStatus(handle) == PQTRANS_IDLE
    }

    /// Runs statements that take nothing.
    func execute(_ sql: String) throws(GalleryError) {
        PQclear(try checked(PQexec(handle, sql)))
    }

    /// Runs one statement. Values only ever travel as parameters.
    @discardableResult
    func run(_ sql: String, _ values: [String?] = []) throws(GalleryError) -> PostgresRows {
        if values.contains(where: { $0?.utf8.contains(0) ?? false }) {
            throw .invalidArgument("a text with a zero byte cannot be kept by PostgreSQL")
        }
        let copies = values.map { value in value.map { strdup($0) } }
        defer { for copy in copies { free(copy ?? nil) } }
        let result = copies.map { UnsafePointer($0 ?? nil) }.withUnsafeBufferPointer { pointers in
            PQexecParams(handle, sql, Int32(values.count), nil, pointers.baseAddress, nil, nil, 0)
        }
        return try PostgresRows(checked(result))
    }

    /// - Returns: the result; cleared already when this throws.
    private func checked(_ result: OpaquePointer?) throws(GalleryError) -> OpaquePointer {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            if let result { return result }
        default: break
        }
        let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
        let reason = Self.message(handle)
        PQclear(result)
        switch state {
        // Lock not available; serialization failure; deadlock.
        case "55P03", "40001", "40P01": throw .busy(path: display)
        case "42P06": throw .exists(path: display)
        case "XX001", "XX002": throw .corrupt(path: display, reason: reason)
        default:
            throw .storage(path: display, reason: state.isEmpty ? reason : "\(reason) (SQLSTATE \(state))")
        }
    }

    private static func message(_ handle: OpaquePointer) -> String {
        String(cString: PQerrorMessage(handle)).split(separator: "\n").first.map(String.init) ?? "no message"
    }
}

/// What a statement gave.
final class PostgresRows {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    var count: Int { Int(PQntuples(result)) }
    /// Number of rows that the statement changed.
    var changed: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    func text(_ row: Int, _ column: Int32) -> String? {
        guard PQgetisnull(result, Int32(row), column) == 0 else { return nil }
        let start = PQgetvalue(result, Int32(row), column)
        return start.map { String(cString: $0) }
    }

    func integer(_ row: Int, _ column: Int32) -> Int64? { text(row, column).flatMap { Int64($0) } }
    func real(_ row: Int, _ column: Int32) -> Double? { text(row, column).flatMap { Double($0) } }

    /// "[0.5,-1]", as pgvector writes a vector.
    func vector(_ row: Int, _ column: Int32) -> [Float] {
        (text(row, column) ?? "[]").dropFirst().dropLast().split(separator: ",").map { Float($0) ?? .nan }
    }

    /// "\x00ff", as PostgreSQL writes bytes.
    func bytes(_ row: Int, _ column: Int32) -> [UInt8]? {
        guard PQgetisnull(result, Int32(row), column) == 0, let start = PQgetvalue(result, Int32(row), column)
        else { return nil }
        let digits = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, Int32(row), column)))
            .dropFirst(2)
        func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : (digit | 32) - 87 }
        return stride(from: digits.startIndex, to: digits.endIndex - 1, by: 2).map {
            value(digits[$0]) << 4 | value(digits[$0 + 1])
        }
    }
}
