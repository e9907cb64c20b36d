-- Keys, in a database or at least a schema and role of their own: a dump of the engine's data does not carry them.
CREATE TABLE stream_key (stream bigint PRIMARY KEY, wrapped bytea NOT NULL, name bytea NOT NULL) WITH (fillfactor = 100);
CREATE TABLE stream_name (hash bytea PRIMARY KEY, stream bigint NOT NULL);
CREATE TABLE secret (purpose text COLLATE "C" PRIMARY KEY, wrapped bytea NOT NULL);
CREATE TABLE installation (id uuid NOT NULL, key_check bytea NOT NULL, only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one));
CREATE SEQUENCE stream_number AS bigint MINVALUE 1;

-- Destroyed keys are forgotten by the table soon, not when the server's default thresholds are reached.
ALTER TABLE stream_key SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);

-- The key of a name, made if there was none. Numbers are never given twice.
CREATE FUNCTION make_key(h bytea, number bigint, w bytea, n bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stream_name (hash, stream) VALUES (h, number) ON CONFLICT (hash) DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO stream_key (stream, wrapped, name) VALUES (number, w, n);
    RETURN true;
END $$;

CREATE FUNCTION destroy_key(h bytea) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    DELETE FROM stream_name WHERE hash = h RETURNING stream INTO number;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE stream_key SET wrapped = decode(repeat('00', length(wrapped)), 'hex'), name = decode(repeat('00', length(name)), 'hex') WHERE stream = number;
    RETURN true;
END $$;
