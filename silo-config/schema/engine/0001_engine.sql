-- Everything but keys. A payload is ciphertext already; a person is a stream number.

-- A partition is one process's journal and decision log. Whoever holds it has its epoch; taking it over raises the
-- epoch, and every write of a partition checks the epoch under a lock of this row, so that a process that was taken
-- for dead and wakes up writes nothing. "last_offset" changes in the transaction that writes the rows: commit order.
CREATE TABLE partition (
    partition    integer PRIMARY KEY,
    epoch        bigint NOT NULL,
    holder       text COLLATE "C",
    renewed_at   timestamptz NOT NULL,
    last_offset  bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Beside "partition", so that an append and a chunk never wait for each other.
CREATE TABLE decision_head (
    partition   integer PRIMARY KEY REFERENCES partition,
    last_chunk  bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE journal (
    partition    integer NOT NULL,
    "offset"     bigint NOT NULL,
    stream       bigint NOT NULL,
    sequence     bigint NOT NULL,
    fingerprint  uuid NOT NULL,
    payload      bytea NOT NULL,
    PRIMARY KEY (partition, "offset")
);
ALTER TABLE journal ALTER COLUMN payload SET STORAGE EXTERNAL;
-- The fence, and what makes a repeat harmless: both over all partitions.
CREATE UNIQUE INDEX journal_by_stream ON journal (stream, sequence);
CREATE UNIQUE INDEX journal_by_fingerprint ON journal (fingerprint);

-- Streams whose key is destroyed: a second activation that still has the key is fenced.
CREATE TABLE erased_stream (stream bigint PRIMARY KEY);

CREATE TABLE snapshot (
    stream    bigint PRIMARY KEY,
    sequence  bigint NOT NULL,
    version   integer NOT NULL,
    payload   bytea NOT NULL
);
ALTER TABLE snapshot ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE TABLE decision_chunk (
    partition  integer NOT NULL,
    chunk      bigint NOT NULL,
    at         bigint NOT NULL,
    streams    bytea NOT NULL,
    records    bytea NOT NULL,
    PRIMARY KEY (partition, chunk)
);
ALTER TABLE decision_chunk ALTER COLUMN records SET STORAGE EXTERNAL;
CREATE INDEX decision_chunk_by_time ON decision_chunk (at, partition, chunk);

CREATE TABLE document_kind (
    kind     text COLLATE "C" PRIMARY KEY,
    version  bigint NOT NULL,
    count    integer NOT NULL
);
CREATE TABLE document (
    kind     text COLLATE "C" NOT NULL,
    id       text COLLATE "C" NOT NULL,
    number   integer NOT NULL,
    version  bigint NOT NULL,
    body     bytea NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE UNIQUE INDEX document_by_version ON document (kind, version);

CREATE TABLE projection_watermark (
    projection      text COLLATE "C" NOT NULL,
    partition       integer NOT NULL,
    journal_offset  bigint NOT NULL,
    decision_chunk  bigint NOT NULL,
    PRIMARY KEY (projection, partition)
);
CREATE TABLE projection_row (
    projection  text COLLATE "C" NOT NULL,
    "key"       text COLLATE "C" NOT NULL,
    partition   integer NOT NULL,
    state       bytea NOT NULL,
    PRIMARY KEY (projection, "key", partition)
);

CREATE TABLE idempotency (
    "key"    uuid PRIMARY KEY,
    body     uuid NOT NULL,
    stream   bigint NOT NULL,
    status   integer NOT NULL,
    payload  bytea,
    at       bigint NOT NULL
);
CREATE INDEX idempotency_by_time ON idempotency (at);

CREATE TABLE installation (id uuid NOT NULL, only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one));

-- Fails when the epoch is not the partition's any more; holds the partition against a take-over until the commit.
CREATE FUNCTION hold_partition(p integer, e bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM partition WHERE partition = p AND epoch = e FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'journal partition % is not held under epoch % any more', p, e USING ERRCODE = 'KP001';
    END IF;
END $$;

-- Many appends, each to another stream, in one transaction and one round trip.
-- Rows name their append by its place (1 for the first). Heads and known fingerprints are read in one snapshot; what another
-- process commits in between makes a unique index fail, and the caller sends the whole again.
CREATE FUNCTION append_to_journal(
    p integer, e bigint, streams bigint[], expected bigint[], row_append integer[], fingerprints uuid[], payloads bytea[],
    OUT heads bigint[], OUT fenced boolean[], OUT first_offsets bigint[], OUT duplicates boolean[])
LANGUAGE plpgsql AS $$
DECLARE
    base bigint;
    stored bigint;
BEGIN
    SELECT last_offset INTO base FROM partition WHERE partition = p AND epoch = e FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'journal partition % is not held under epoch % any more', p, e USING ERRCODE = 'KP001';
    END IF;

    WITH head AS (
        SELECT a.i, CASE WHEN EXISTS (SELECT 1 FROM erased_stream x WHERE x.stream = a.stream) THEN -1
                    ELSE coalesce((SELECT j.sequence FROM journal j WHERE j.stream = a.stream ORDER BY j.sequence DESC LIMIT 1), 0) END AS head
        FROM unnest(streams) WITH ORDINALITY a(stream, i)
    ), known AS (
        SELECT r.n, EXISTS (SELECT 1 FROM journal j WHERE j.fingerprint = r.fingerprint) AS is_known
        FROM unnest(fingerprints) WITH ORDINALITY r(fingerprint, n)
    )
    SELECT (SELECT array_agg(head ORDER BY i) FROM head), (SELECT array_agg(is_known ORDER BY n) FROM known) INTO heads, duplicates;
    duplicates := coalesce(duplicates, '{}');

    WITH candidate AS (
        SELECT r.n, r.append, r.fingerprint, r.payload,
               row_number() OVER (PARTITION BY r.fingerprint ORDER BY r.n) AS repeat
        FROM unnest(row_append, fingerprints, payloads) WITH ORDINALITY r(append, fingerprint, payload, n)
        WHERE heads[r.append] = expected[r.append] AND NOT duplicates[r.n]
    ), numbered AS (
        SELECT n, append, fingerprint, payload, row_number() OVER (ORDER BY n) AS k, row_number() OVER (PARTITION BY append ORDER BY n) AS s
        FROM candidate WHERE repeat = 1
    ), written AS (
        INSERT INTO journal (partition, "offset", stream, sequence, fingerprint, payload)
        SELECT p, base + k, streams[append], expected[append] + s, fingerprint, payload FROM numbered ORDER BY streams[append], s
    ), taken AS (
        SELECT append, count(*) AS rows, min(k) AS first FROM numbered GROUP BY append
    )
    SELECT (SELECT count(*) FROM numbered),
           (SELECT array_agg(x.n IS NULL ORDER BY r.n) FROM generate_series(1, cardinality(fingerprints)) r(n) LEFT JOIN numbered x ON x.n = r.n),
           array_agg(heads[i] <> expected[i] ORDER BY i),
           array_agg(heads[i] + coalesce(t.rows, 0) ORDER BY i),
           array_agg(coalesce(base + t.first, 0) ORDER BY i)
    FROM generate_series(1, cardinality(streams)) a(i) LEFT JOIN taken t ON t.append = a.i
    INTO stored, duplicates, fenced, heads, first_offsets;
    duplicates := coalesce(duplicates, '{}');

    IF stored > 0 THEN
        UPDATE partition SET last_offset = base + stored WHERE partition = p;
    END IF;
END $$;

CREATE FUNCTION write_decision_chunks(p integer, e bigint, chunks bigint[], ats bigint[], all_streams bytea[], all_records bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold_partition(p, e);
    INSERT INTO decision_chunk (partition, chunk, at, streams, records)
    SELECT p, c, a, s, r FROM unnest(chunks, ats, all_streams, all_records) u(c, a, s, r)
    ON CONFLICT (partition, chunk) DO UPDATE SET at = excluded.at, streams = excluded.streams, records = excluded.records;
    UPDATE decision_head SET last_chunk = greatest(last_chunk, (SELECT max(c) FROM unnest(chunks) u(c))) WHERE partition = p;
END $$;
