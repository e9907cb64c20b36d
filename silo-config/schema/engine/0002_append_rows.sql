-- Nearly always every stream is where its writer believes it to be and no event is there already: the rows are then
-- inserted as they come, and the unique indexes see to it that this was so. Else what "append_to_journal" does.
-- "first_offset" is that of the first row, the rest follow it; null when the other columns say what became of the rows.
CREATE FUNCTION append_rows(
    p integer, e bigint, streams bigint[], expected bigint[], row_append integer[], row_streams bigint[], row_sequences bigint[], fingerprints uuid[], payloads bytea[], all_have_rows boolean,
    OUT first_offset bigint, OUT heads bigint[], OUT fenced boolean[], OUT first_offsets bigint[], OUT duplicates boolean[])
LANGUAGE plpgsql AS $$
DECLARE
    base bigint;
    is_usual boolean;
BEGIN
    SELECT last_offset INTO base FROM partition WHERE partition = p AND epoch = e FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'journal partition % is not held under epoch % any more', p, e USING ERRCODE = 'KP001';
    END IF;

    -- That nothing is behind the expected row, the index on (stream, sequence) tells where there is a row to insert; that the expected one is there, it does not.
    -- Subqueries with a limit: of EXISTS the planner might make one hash of the whole table.
    SELECT bool_and((SELECT true FROM erased_stream x WHERE x.stream = a.stream LIMIT 1) IS NULL
                    AND (a.expected = 0 OR (SELECT true FROM journal j WHERE j.stream = a.stream AND j.sequence = a.expected LIMIT 1) IS NOT NULL))
    INTO is_usual
    FROM unnest(streams, expected) a(stream, expected);
    is_usual := is_usual AND all_have_rows;
    IF is_usual THEN
        BEGIN
            INSERT INTO journal (partition, "offset", stream, sequence, fingerprint, payload)
            SELECT p, base + n, stream, sequence, fingerprint, payload
            FROM unnest(row_streams, row_sequences, fingerprints, payloads) WITH ORDINALITY r(stream, sequence, fingerprint, payload, n);
        EXCEPTION WHEN unique_violation THEN
            is_usual := false;
        END;
    END IF;

    IF is_usual THEN
        -- Not in the block above, whose subtransaction is another than the one that locked the row: both would have to be noted on it.
        UPDATE partition SET last_offset = base + cardinality(fingerprints) WHERE partition = p;
        first_offset := base + 1;
        RETURN;
    END IF;

    SELECT a.heads, a.fenced, a.first_offsets, a.duplicates
    INTO heads, fenced, first_offsets, duplicates
    FROM append_to_journal(p, e, streams, expected, row_append, fingerprints, payloads) a;
END $$;
