/// The tables of a gallery on a server, in a schema of their own.
enum PostgresSchema {
    static let version = 1
    static let tables = [
        "gallery", "identities", "images", "attributes", "embeddings", "thumbnails", "audit",
    ]

    /// Times are whole microseconds since 1970. The width of a vector is the only thing that is filled in.
    static func sql(dimension: Int) -> String {
        """
        CREATE TABLE gallery (
            one boolean PRIMARY KEY DEFAULT true CHECK (one),
            version integer NOT NULL,
            uuid text NOT NULL,
            kind text NOT NULL,
            model text NOT NULL,
            model_sha256 text NOT NULL,
            dimension integer NOT NULL,
            unmasked boolean NOT NULL,
            vector_digest bigint NOT NULL DEFAULT 0,
            row_digest bigint NOT NULL DEFAULT 0,
            plan text
        );
        CREATE TABLE identities (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name text NOT NULL UNIQUE
        );
        CREATE TABLE images (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            identity bigint REFERENCES identities,
            path text NOT NULL,
            sha256 text NOT NULL,
            camera bigint,
            time bigint,
            box text,
            added bigint NOT NULL
        );
        CREATE UNIQUE INDEX images_file ON images (sha256, coalesce(box, ''));
        CREATE INDEX images_identity ON images (identity);
        CREATE INDEX images_path ON images USING hash (path);
        CREATE INDEX images_camera ON images (camera);
        CREATE INDEX images_time ON images (time);
        CREATE TABLE attributes (
            image bigint NOT NULL REFERENCES images ON DELETE CASCADE,
            name text NOT NULL,
            value text NOT NULL,
            PRIMARY KEY (image, name)
        );
        CREATE INDEX attributes_value ON attributes (name, value);
        CREATE TABLE embeddings (
            image bigint PRIMARY KEY REFERENCES images ON DELETE CASCADE,
            vector vector(\(dimension)) NOT NULL
        );
        CREATE TABLE thumbnails (
            image bigint PRIMARY KEY REFERENCES images ON DELETE CASCADE,
            jpeg bytea NOT NULL
        );
        CREATE TABLE audit (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            time bigint NOT NULL,
            actor text NOT NULL,
            action text NOT NULL,
            detail text NOT NULL
        );
        """
    }
}
