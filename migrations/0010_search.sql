-- Search in PostgreSQL (docs/adr/0010). The server makes words of a text, here they are kept and found.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- How the index was built. A generation is one build of it: while the next one is built beside it, both
-- are written, and `serving` is asked.
CREATE TABLE search_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  serving integer NOT NULL DEFAULT 1,
  serving_version integer NOT NULL DEFAULT 0,   -- of the rules by which words are made; 0: never built
  building integer,                             -- the generation that is to follow; NULL: none
  building_version integer,
  built_up_to bigint NOT NULL DEFAULT 0,        -- the last message of PostgreSQL that is in it
  epoch bigint NOT NULL DEFAULT 0,              -- of the stream, as far as it has been indexed
  CHECK ((building IS NULL) = (building_version IS NULL)),
  CHECK (building > serving)
);
INSERT INTO search_state DEFAULT VALUES;

-- A message as it can be found. Beside its words, `words` holds keys, which no word can be, for they
-- have a colon: w:<generation>:<workspace>, c:<generation>:<chat>, s:<generation>:<slice>, u:<sender>,
-- has:file, has:link. So one index answers, and reads of a frequent word only what lies in the chats or
-- the slice of time that is asked for. There is no foreign key: an index may be behind, and whoever asks
-- it looks again at what is true.
CREATE TABLE search_documents (
  generation integer NOT NULL,
  message_id bigint NOT NULL,
  workspace_id bigint NOT NULL,
  chat_id bigint NOT NULL,
  sender_id bigint NOT NULL,
  created_at timestamptz NOT NULL,
  version timestamptz NOT NULL,  -- when the text became what it is: an older one never replaces it
  words tsvector NOT NULL,       -- empty: the message is deleted
  PRIMARY KEY (generation, message_id)
) WITH (toast_tuple_target = 128);
-- The words are read only where a phrase must be looked at; without them ten times as many rows lie in a
-- page.
ALTER TABLE search_documents ALTER COLUMN words SET STORAGE EXTERNAL;
CREATE INDEX idx_search_documents_words ON search_documents USING gin (words)
  WITH (gin_pending_list_limit = 256);

-- The words of a workspace that typing errors may have been meant to be.
CREATE TABLE search_words (
  workspace_id bigint NOT NULL REFERENCES workspaces (id),
  word text NOT NULL CHECK (char_length(word) <= 64),
  PRIMARY KEY (workspace_id, word)
);
CREATE INDEX idx_search_words_trigrams ON search_words USING gin (word gin_trgm_ops);

CREATE TYPE search_document AS (
  message_id bigint,
  workspace_id bigint,
  chat_id bigint,
  sender_id bigint,
  created_at bigint,  -- microseconds since 1970
  version bigint,     -- the same
  words text,         -- as tsvector reads it; NULL: deleted
  traits text         -- keys of every generation, as tsvector reads them
);

CREATE FUNCTION from_unix_micros(micros bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT 'epoch'::timestamptz + micros * interval '1 microsecond'
$$;

-- A name as people type it: without case and accents.
CREATE FUNCTION fold_name(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT lower(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g'))
$$;

-- Writes documents into a generation; an older version changes nothing, the same one writes it anew. REQUIRES: no message twice.
CREATE FUNCTION write_search_documents(batch json, in_generation integer) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO search_documents AS old
      (generation, message_id, workspace_id, chat_id, sender_id, created_at, version, words)
    SELECT in_generation, d.message_id, d.workspace_id, d.chat_id, d.sender_id,
           from_unix_micros(d.created_at), from_unix_micros(d.version),
           CASE WHEN d.words IS NULL THEN ''::tsvector
             ELSE d.words::tsvector || d.traits::tsvector || array_to_tsvector(ARRAY[
               'w:' || in_generation || ':' || d.workspace_id,
               'c:' || in_generation || ':' || d.chat_id,
               's:' || in_generation || ':' || (d.message_id >> 14)])
           END
    FROM json_populate_recordset(NULL::search_document, batch) d ORDER BY d.message_id
    ON CONFLICT (generation, message_id) DO UPDATE
      SET version = excluded.version, words = excluded.words,
          -- Who deletes does not say when it was sent.
          created_at = CASE WHEN excluded.words = '' THEN old.created_at
                            ELSE excluded.created_at END
      WHERE old.version <= excluded.version
$$;

CREATE FUNCTION learn_search_words(workspaces bigint[], words text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO search_words (workspace_id, word)
    SELECT n.workspace_id, n.word FROM unnest(workspaces, words) AS n (workspace_id, word)
    ORDER BY 1, 2 ON CONFLICT DO NOTHING
$$;

-- Into whatever is served or built. `workspaces` and `words`: new words, one by one.
CREATE FUNCTION index_messages(batch json, workspaces bigint[], words text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  state search_state;
BEGIN
  PERFORM learn_search_words(workspaces, words);
  -- Against a swap in the meantime.
  SELECT s.* INTO state FROM search_state s FOR SHARE;
  PERFORM write_search_documents(batch, state.serving);
  IF state.building IS NOT NULL THEN
    PERFORM write_search_documents(batch, state.building);
  END IF;
END $$;

-- Begins to build the next generation by the rules of that version, or goes on with it. Returns the last
-- message that is in it.
CREATE FUNCTION begin_search_build(version integer) RETURNS bigint LANGUAGE sql AS $$
  UPDATE search_state SET
    building = CASE WHEN building_version = version THEN building
                    ELSE coalesce(building, serving) + 1 END,
    built_up_to = CASE WHEN building_version = version THEN built_up_to ELSE 0 END,
    building_version = version
  RETURNING built_up_to
$$;

-- Into what is built; it has all messages up to `up_to` then.
CREATE FUNCTION build_search(batch json, workspaces bigint[], words text[], up_to bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM learn_search_words(workspaces, words);
  PERFORM write_search_documents(batch, s.building) FROM search_state s FOR SHARE;
  UPDATE search_state SET built_up_to = up_to;
END $$;

-- What was built is served from now on.
CREATE FUNCTION finish_search_build() RETURNS void LANGUAGE sql AS $$
  UPDATE search_state SET serving = building, serving_version = building_version, building = NULL,
                          building_version = NULL, built_up_to = 0
    WHERE building IS NOT NULL
$$;

-- Removes what is neither served nor built, in slices. True when there is more of it.
CREATE FUNCTION tend_search(slice integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  DELETE FROM search_documents WHERE (generation, message_id) IN (
    SELECT d.generation, d.message_id FROM search_documents d
    WHERE d.generation < (SELECT s.serving FROM search_state s) LIMIT slice);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed = slice;
END $$;

-- The first message that was sent then or later, as far as the times follow the ids, which they do but
-- for moments. Found by halving.
CREATE FUNCTION search_first_since(in_generation integer, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  low bigint := 0;
  high bigint := 1 + coalesce((SELECT d.message_id FROM search_documents d
    WHERE d.generation = in_generation ORDER BY d.message_id DESC LIMIT 1), 0);
  middle bigint;
  seen record;
BEGIN
  WHILE low < high LOOP
    middle := (low + high) / 2;
    SELECT d.message_id, d.created_at INTO seen FROM search_documents d
      WHERE d.generation = in_generation AND d.message_id >= middle ORDER BY d.message_id LIMIT 1;
    IF seen IS NULL OR seen.created_at >= moment THEN
      high := middle;
    ELSE
      low := seen.message_id + 1;
    END IF;
  END LOOP;
  RETURN low;
END $$;

-- The newest `wanted` documents that are of the chats of `scope`, have what `sought` says (a tsquery)
-- and were sent in [sent_from, sent_until). It looks from the newest slices of time back, ever further, as
-- far as what it has found so far lets expect enough: so a frequent word costs no more than a rare one.
-- Where that would be far, and the chats are few, it asks the index for the chats themselves instead.
CREATE FUNCTION search_documents_of(in_workspace bigint, scope bigint[], sought text,
                                    sent_from bigint, sent_until bigint, wanted integer)
RETURNS TABLE (message_id bigint, chat_id bigint, sender_id bigint, created_at bigint,
               version bigint) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_nestloop = off SET enable_indexscan = on AS $$
#variable_conflict use_column
DECLARE
  generation_now integer := (SELECT s.serving FROM search_state s);
  since timestamptz := from_unix_micros(sent_from);
  before timestamptz := from_unix_micros(sent_until);
  top bigint := (CASE WHEN before IS NULL THEN 1 + coalesce((
      SELECT d.message_id FROM search_documents d WHERE d.generation = generation_now
      ORDER BY d.message_id DESC LIMIT 1), 0)
    ELSE search_first_since(generation_now, before + interval '1 minute') END) >> 14;
  bottom bigint := CASE WHEN since IS NULL THEN 0
    ELSE search_first_since(generation_now, since - interval '1 minute') >> 14 END;
  lowest bigint;
  slices bigint := 2;  -- the newest one may have just begun
  by_chat boolean := false;
  place text;
  missing integer := wanted;
  found integer;
BEGIN
  WHILE missing > 0 AND top >= bottom AND cardinality(scope) > 0 LOOP
    lowest := greatest(top - slices + 1, bottom);
    IF by_chat THEN
      lowest := bottom;
      place := (SELECT '(' || string_agg(format('''c:%s:%s''', generation_now, c), '|') || ')'
                FROM unnest(scope) c);
    ELSIF slices > 64 THEN
      lowest := bottom;
      place := format('''w:%s:%s''', generation_now, in_workspace);
    ELSE
      place := (SELECT '(' || string_agg(format('''s:%s:%s''', generation_now, n), '|') || ')'
                FROM generate_series(lowest, top) n);
    END IF;
    RETURN QUERY
      SELECT d.message_id, d.chat_id, d.sender_id, unix_micros(d.created_at),
             unix_micros(d.version)
      FROM search_documents d
      WHERE d.words @@ concat_ws('&', place, sought)::tsquery
        AND d.workspace_id = in_workspace
        AND d.chat_id IN (SELECT unnest(scope))
        AND (d.message_id >> 14) BETWEEN lowest AND top
        AND (since IS NULL OR d.created_at >= since)
        AND (before IS NULL OR d.created_at < before)
      ORDER BY d.message_id DESC LIMIT missing;
    GET DIAGNOSTICS found = ROW_COUNT;
    by_chat := found * 8 < missing AND cardinality(scope) <= 64;
    missing := missing - found;
    top := lowest - 1;
    slices := greatest(1, least(slices * 4, slices * missing * 5 / 4 / greatest(found, 1)));
  END LOOP;
END $$;

-- Words of the workspace that look like one of these. `similar_enough` is the share of trigrams.
CREATE FUNCTION search_words_like(in_workspace bigint, typed text, variants text[],
                                  similar_enough real, length_min integer, length_max integer)
RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('pg_trgm.similarity_threshold', similar_enough::text, true);
  RETURN QUERY
    SELECT w.word FROM search_words w
      WHERE w.workspace_id = in_workspace AND w.word % typed
        AND char_length(w.word) BETWEEN length_min AND length_max
    UNION
    SELECT w.word FROM search_words w
      WHERE w.workspace_id = in_workspace AND w.word = ANY (variants);
END $$;

-- tend_chats as 0005 has it; but with a message goes what search knows of it.
CREATE OR REPLACE FUNCTION tend_chats(slice integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  chat bigint;
  removed integer;
BEGIN
  FOR chat IN SELECT id FROM chats
              WHERE count_changed_at < clock_timestamp() - interval '5 seconds'
                AND deleted_at IS NULL ORDER BY id LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED LOOP
    PERFORM tell_chat_updated(chat);
    UPDATE chats SET count_changed_at = NULL WHERE id = chat;
  END LOOP;
  -- The newest first: a reply goes before what it answers.
  WITH gone AS (
    DELETE FROM messages WHERE id IN (
      SELECT m.id FROM messages m JOIN chats c ON c.id = m.chat_id WHERE c.deleted_at IS NOT NULL
      ORDER BY m.chat_id, m.seq DESC LIMIT slice FOR UPDATE OF m SKIP LOCKED)
    RETURNING id
  ), unlisted AS (
    DELETE FROM search_documents d USING gone, search_state s
      WHERE d.message_id = gone.id AND d.generation IN (s.serving, s.building)
  )
  SELECT count(*) INTO removed FROM gone;
  IF removed < slice THEN
    DELETE FROM chats WHERE id IN (
      SELECT c.id FROM chats c WHERE c.deleted_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM messages m WHERE m.chat_id = c.id)
      LIMIT slice FOR UPDATE SKIP LOCKED);
  END IF;
  DELETE FROM event_tickets WHERE hash IN (
    SELECT hash FROM event_tickets WHERE expires_at < clock_timestamp()
    LIMIT slice FOR UPDATE SKIP LOCKED);
  -- A day later no token of such a session can be good any more.
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at < clock_timestamp() - interval '1 day'
    LIMIT slice FOR UPDATE SKIP LOCKED);
  RETURN removed = slice;
END $$;
