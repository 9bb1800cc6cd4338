/// A connection to a database that has transactions.
protocol SQLConnection {
    /// What follows BEGIN.
    associatedtype Transaction: RawRepresentable<String>

    /// Runs statements that take and give nothing.
    func execute(_ sql: String) throws(GalleryError)
}

extension SQLConnection {
    /// Does everything or nothing of `body`.
    func transaction<Value>(
        _ kind: Transaction, _ body: () throws(GalleryError) -> Value
    ) throws(GalleryError) -> Value {
        try execute("BEGIN \(kind.rawValue)")
        do throws(GalleryError) {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }
}
