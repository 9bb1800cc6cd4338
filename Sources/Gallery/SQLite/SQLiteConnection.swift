import CSQLite
import Foundation

/// A connection to a SQLite file. One thread may use it at a time.
final class SQLiteConnection: SQLConnection, @unchecked Sendable {
    enum Durability: String {
        /// What was committed survives a power cut.
        case full = "FULL"
        /// It survives the end of the process; a power cut may take the last commits.
        case normal = "NORMAL"
    }

    enum Transaction: String {
        /// Sees one state; takes no lock before it writes.
        case reading = "DEFERRED"
        /// Takes the lock for writing at once.
        case writing = "IMMEDIATE"
    }

    private let handle: OpaquePointer
    private let path: String
    private var statements: [String: OpaquePointer] = [:]

    /// Opens a file that is there.
    /// - Parameter patience: seconds to wait for another process.
    init(_ path: String, durability: Durability = .full, patience: Double) throws(GalleryError) {
        self.path = path
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let status = sqlite3_open_v2(path, &handle, flags, nil)
        guard let handle, status == SQLITE_OK else {
            let reason = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw .storage(path: path, reason: "cannot be opened: \(reason)")
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, Int32(patience * 1000))
        // Temporary tables and sorting stay in memory: nothing of a gallery is left in other files.
        try execute(
            """
            PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON; PRAGMA synchronous = \(durability.rawValue);
            """)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// Runs statements that take and give nothing.
    func execute(_ sql: String) throws(GalleryError) {
        let status = sqlite3_exec(handle, sql, nil, nil, nil)
        guard status == SQLITE_OK else { throw failure(status) }
    }

    /// Runs a statement for its effect.
    /// - Returns: number of rows that it changed.
    @discardableResult
    func run(_ sql: String, _ values: [SQLiteValue] = []) throws(GalleryError) -> Int {
        try each(sql, values) { (_: SQLiteRow) throws(GalleryError) in }
        return Int(sqlite3_changes(handle))
    }

    /// Runs a statement and hands over its rows.
    func each(
        _ sql: String, _ values: [SQLiteValue] = [], _ body: (SQLiteRow) throws(GalleryError) -> Void
    ) throws(GalleryError) {
        let statement = try prepare(sql)
        // A statement that is not reset keeps its transaction open.
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() { try bind(value, Int32(index + 1), statement) }
        while true {
            let status = sqlite3_step(statement)
            if status == SQLITE_DONE { return }
            guard status == SQLITE_ROW else { throw failure(status) }
            try body(SQLiteRow(statement: statement))
        }
    }

    /// The first row of what a statement gives, nil when there is none.
    func first<Value>(
        _ sql: String, _ values: [SQLiteValue] = [], _ read: (SQLiteRow) throws(GalleryError) -> Value
    ) throws(GalleryError) -> Value? {
        var found: Value?
        try each(sql, values) { (row: SQLiteRow) throws(GalleryError) in
            if found == nil { found = try read(row) }
        }
        return found
    }

    func integer(_ sql: String, _ values: [SQLiteValue] = []) throws(GalleryError) -> Int64 {
        try first(sql, values) { (row: SQLiteRow) throws(GalleryError) in row.integer(0) } ?? 0
    }

    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }

    private func prepare(_ sql: String) throws(GalleryError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let status = sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard status == SQLITE_OK, let statement else { throw failure(status) }
        statements[sql] = statement
        return statement
    }

    private func bind(
        _ value: SQLiteValue, _ index: Int32, _ statement: OpaquePointer
    ) throws(GalleryError) {
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let status =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .text(let text):
                sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), copied)
            case .blob(let bytes):
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob(statement, index, bytes, Int32(bytes.count), copied)
            }
        guard status == SQLITE_OK else { throw failure(status) }
    }

    func failure(_ status: Int32) -> GalleryError {
        let reason = String(cString: sqlite3_errmsg(handle))
        switch status & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy(path: path)
        case SQLITE_CORRUPT: return .corrupt(path: path, reason: reason)
        case SQLITE_NOTADB: return .notAGallery(path: path, reason: "it is no SQLite database")
        case SQLITE_FULL: return .storage(path: path, reason: "the disk is full")
        default: return .storage(path: path, reason: "\(reason) (SQLite code \(status))")
        }
    }
}
