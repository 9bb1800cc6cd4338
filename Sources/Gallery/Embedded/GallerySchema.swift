import CSQLite
import Foundation

/// The tables of a gallery file.
enum GallerySchema {
    static let version = 1
    /// "SmbG", in the file's header.
    static let applicationID: Int64 = 0x536D_6247

    /// Times are whole microseconds since 1970.
    static let tables = """
        CREATE TABLE gallery (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            uuid TEXT NOT NULL,
            kind TEXT NOT NULL,
            model TEXT NOT NULL,
            model_sha256 TEXT NOT NULL,
            dimension INTEGER NOT NULL CHECK (dimension > 0),
            unmasked INTEGER NOT NULL CHECK (unmasked IN (0, 1)),
            changes INTEGER NOT NULL DEFAULT 0,
            deletions INTEGER NOT NULL DEFAULT 0,
            vector_digest INTEGER NOT NULL DEFAULT 0,
            row_digest INTEGER NOT NULL DEFAULT 0,
            plan TEXT
        );
        CREATE TABLE identities (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        );
        CREATE TABLE images (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            identity INTEGER REFERENCES identities (id),
            path TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            camera INTEGER,
            time INTEGER,
            box TEXT,
            added INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX images_file ON images (sha256, ifnull(box, ''));
        CREATE INDEX images_identity ON images (identity);
        CREATE INDEX images_path ON images (path);
        CREATE INDEX images_camera ON images (camera);
        CREATE INDEX images_time ON images (time);
        CREATE TABLE attributes (
            image INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (image, name)
        ) WITHOUT ROWID;
        CREATE INDEX attributes_value ON attributes (name, value);
        CREATE TABLE embeddings (
            image INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
            vector BLOB NOT NULL
        );
        CREATE TABLE thumbnails (
            image INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
            jpeg BLOB NOT NULL
        );
        -- Numbers only, so that other processes learn which vectors to forget.
        CREATE TABLE deleted (
            image INTEGER PRIMARY KEY,
            deletion INTEGER NOT NULL
        );
        CREATE INDEX deleted_deletion ON deleted (deletion);
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            detail TEXT NOT NULL
        );
        """

    static func state(_ connection: SQLiteConnection, _ path: String) throws(GalleryError) -> GalleryState {
        let sql =
            "SELECT uuid, changes, deletions, vector_digest, row_digest, plan FROM gallery WHERE one = 1"
        let found = try connection.first(sql) { (row: SQLiteRow) throws(GalleryError) in
            var plan = IndexPlan.exact
            if let text = row.optionalText(5) {
                guard let read = try? JSONDecoder().decode(IndexPlan.self, from: Data(text.utf8)) else {
                    throw .corrupt(path: path, reason: "the description of its index cannot be read")
                }
                plan = read
            } else {
                plan.stamp = ""
            }
            return GalleryState(
                uuid: row.text(0), changes: row.integer(1), deletions: row.integer(2),
                vectorDigest: UInt64(bitPattern: row.integer(3)),
                rowDigest: UInt64(bitPattern: row.integer(4)),
                plan: plan)
        }
        guard let found else { throw .corrupt(path: path, reason: "it does not say what it holds") }
        return found
    }
}

extension Date {
    /// Whole microseconds since 1970: what a gallery keeps of a time.
    var microseconds: Int64 { Int64((timeIntervalSince1970 * 1e6).rounded()) }

    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1e6) }
}
