-- The search index in PostgreSQL (docs/adr/0010).

-- Writes documents into a generation; an older version changes nothing, the same version is written
-- again. The words of a text that is replaced, or came too late, may be in no document any more:
-- they become stale. REQUIRES: no message twice in the batch.
CREATE OR REPLACE FUNCTION write_search_documents(batch json, in_generation integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  documents search_document[] :=
    ARRAY(SELECT json_populate_recordset(NULL::search_document, batch));
  changes search_document[] :=
    ARRAY(SELECT d FROM unnest(documents) d WHERE d.words IS NULL OR d.version > d.created_at);
BEGIN
  IF cardinality(changes) > 0 THEN
    -- First lock, then look: another indexer may be writing the version between.
    PERFORM FROM search_documents s
      WHERE s.generation = in_generation
        AND s.message_id = ANY (ARRAY(SELECT d.message_id FROM unnest(changes) d))
      ORDER BY s.message_id FOR UPDATE;
    INSERT INTO search_stale_words (workspace_id, word)
      SELECT DISTINCT s.workspace_id, w.lexeme
      FROM unnest(changes) d
      JOIN search_documents s ON s.generation = in_generation AND s.message_id = d.message_id
                             AND s.version <= from_unix_micros(d.version),
      unnest(s.words) w
      WHERE EXISTS (SELECT FROM search_words v
                    WHERE v.workspace_id = s.workspace_id AND v.word = w.lexeme)
      ON CONFLICT DO NOTHING;
  END IF;
  WITH written AS (
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
      FROM unnest(documents) d ORDER BY d.message_id
      ON CONFLICT (generation, message_id) DO UPDATE
        SET version = excluded.version, words = excluded.words,
            -- A deletion does not carry the time of sending.
            created_at = CASE WHEN excluded.words = '' THEN old.created_at
                              ELSE excluded.created_at END
        WHERE old.version <= excluded.version
      RETURNING message_id
  ), late AS (
    SELECT d.workspace_id, d.words::tsvector AS words FROM unnest(documents) d
    WHERE d.words IS NOT NULL AND d.message_id NOT IN (SELECT w.message_id FROM written w)
  )
  INSERT INTO search_stale_words (workspace_id, word)
    SELECT DISTINCT l.workspace_id, w.lexeme FROM late l, unnest(l.words) w
    WHERE EXISTS (SELECT FROM search_words v
                  WHERE v.workspace_id = l.workspace_id AND v.word = w.lexeme)
    ON CONFLICT DO NOTHING;
END $$;

-- Adds words to the candidates for misspelt ones, up to 200,000 for a workspace; words beyond that
-- number are searched for as typed. The arrays are parallel.
CREATE OR REPLACE FUNCTION add_search_words(workspaces bigint[], words text[])
RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  words_max CONSTANT integer := 200000;
BEGIN
  INSERT INTO search_vocabularies (workspace_id)
    SELECT DISTINCT w FROM unnest(workspaces) w ORDER BY w ON CONFLICT DO NOTHING;
  -- In the order of ids, so that two indexers do not wait for each other.
  PERFORM FROM search_vocabularies v WHERE v.workspace_id = ANY (workspaces)
    ORDER BY v.workspace_id FOR NO KEY UPDATE;
  WITH offered AS (
    SELECT n.workspace_id, n.word,
           row_number() OVER (PARTITION BY n.workspace_id ORDER BY n.word) AS place
    FROM unnest(workspaces, words) AS n (workspace_id, word)
    WHERE NOT EXISTS (SELECT FROM search_words s
                      WHERE s.workspace_id = n.workspace_id AND s.word = n.word)
  ), added AS (
    INSERT INTO search_words (workspace_id, word)
      SELECT o.workspace_id, o.word
      FROM offered o JOIN search_vocabularies v ON v.workspace_id = o.workspace_id
      WHERE o.place <= words_max - v.words
      ON CONFLICT DO NOTHING RETURNING workspace_id
  )
  UPDATE search_vocabularies v SET words = v.words + a.number
    FROM (SELECT workspace_id, count(*) AS number FROM added GROUP BY workspace_id) a
    WHERE v.workspace_id = a.workspace_id;
END $$;

-- Writes into the served generation and the one being built. `workspaces` and `words` are parallel:
-- the new words. Returns search_state.words_removed; when `known_removed` is another number, words
-- that the caller takes for known may be missing, and nothing was written.
CREATE OR REPLACE FUNCTION index_messages(
    batch json, workspaces bigint[], words text[], known_removed bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  state search_state;
BEGIN
  -- Excludes a concurrent change of the generations, and the removal of words.
  SELECT s.* INTO state FROM search_state s FOR SHARE;
  IF state.words_removed = known_removed THEN
    PERFORM add_search_words(workspaces, words);
    PERFORM write_search_documents(batch, state.serving);
    IF state.building IS NOT NULL THEN
      PERFORM write_search_documents(batch, state.building);
    END IF;
  END IF;
  RETURN state.words_removed;
END $$;

-- Begins to build the next generation by that version of the rules, or resumes. Returns the newest
-- message in it.
CREATE OR REPLACE FUNCTION begin_search_build(version integer) RETURNS bigint LANGUAGE sql AS $$
  UPDATE search_state SET
    building = CASE WHEN building_version = version THEN building
                    ELSE coalesce(building, serving) + 1 END,
    built_up_to = CASE WHEN building_version = version THEN built_up_to ELSE 0 END,
    building_version = version
  RETURNING built_up_to
$$;

-- Writes into the generation being built, which then has all messages up to `up_to`; returns as
-- index_messages does.
CREATE OR REPLACE FUNCTION build_search(
    batch json, workspaces bigint[], words text[], up_to bigint, known_removed bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  state search_state;
BEGIN
  SELECT s.* INTO state FROM search_state s FOR SHARE;
  IF state.words_removed = known_removed THEN
    PERFORM add_search_words(workspaces, words);
    PERFORM write_search_documents(batch, state.building);
    UPDATE search_state SET built_up_to = up_to;
  END IF;
  RETURN state.words_removed;
END $$;

-- Serves the built generation from now on.
CREATE OR REPLACE FUNCTION finish_search_build() RETURNS void LANGUAGE sql AS $$
  UPDATE search_state SET serving = building, serving_version = building_version, building = NULL,
                          building_version = NULL, built_up_to = 0
    WHERE building IS NOT NULL
$$;

-- Removes documents of former generations, in batches. True when there is more to do.
CREATE OR REPLACE FUNCTION cleanup_search(slice integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  DELETE FROM search_documents WHERE (generation, message_id) IN (
    SELECT d.generation, d.message_id FROM search_documents d
    WHERE d.generation < (SELECT s.serving FROM search_state s) LIMIT slice);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed = slice;
END $$;

-- Removes documents from the served generation and the one being built.
CREATE OR REPLACE FUNCTION remove_search_documents(messages bigint[])
RETURNS void LANGUAGE sql AS $$
  WITH removed AS (
    DELETE FROM search_documents d USING search_state s
      WHERE d.generation IN (s.serving, s.building) AND d.message_id = ANY (messages)
      RETURNING d.workspace_id, d.words
  )
  INSERT INTO search_stale_words (workspace_id, word)
    SELECT DISTINCT r.workspace_id, w.lexeme FROM removed r, unnest(r.words) w
    WHERE EXISTS (SELECT FROM search_words v
                  WHERE v.workspace_id = r.workspace_id AND v.word = w.lexeme)
    ON CONFLICT DO NOTHING
$$;

-- A chore of the cleanup: removes stale words that no document has from the vocabulary. No document
-- is written meanwhile, because the writers share the lock.
CREATE OR REPLACE FUNCTION cleanup_stale_words(slice integer) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  stale search_stale_words[] := ARRAY(SELECT s FROM search_stale_words s LIMIT slice);
  state search_state;
BEGIN
  IF cardinality(stale) = 0 THEN
    RETURN 0;
  END IF;
  SELECT s.* INTO state FROM search_state s FOR UPDATE;
  WITH removed AS (
    DELETE FROM search_words v USING unnest(stale) s
      WHERE v.workspace_id = s.workspace_id AND v.word = s.word
        AND NOT has_search_word(state.serving, s.workspace_id, s.word)
        AND NOT has_search_word(state.building, s.workspace_id, s.word)
      RETURNING v.workspace_id
  )
  UPDATE search_vocabularies v SET words = v.words - r.number
    FROM (SELECT workspace_id, count(*) AS number FROM removed GROUP BY workspace_id) r
    WHERE v.workspace_id = r.workspace_id;
  IF FOUND THEN
    UPDATE search_state SET words_removed = words_removed + 1;
  END IF;
  DELETE FROM search_stale_words s USING unnest(stale) t
    WHERE s.workspace_id = t.workspace_id AND s.word = t.word;
  RETURN cardinality(stale);
END $$;

-- Whether a document of the workspace has the word; false for the generation NULL.
CREATE OR REPLACE FUNCTION has_search_word(in_generation integer, in_workspace bigint, word text)
RETURNS boolean LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN in_generation IS NOT NULL AND EXISTS (
    SELECT FROM search_documents d
    WHERE d.words @@ format('%L & %L', word, 'w:' || in_generation || ':' || in_workspace)::tsquery
      AND d.generation = in_generation);
END $$;

-- The first message sent at that time or later, found by bisection: times follow ids, but for
-- moments.
CREATE OR REPLACE FUNCTION search_first_since(in_generation integer, moment timestamptz)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
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

-- The newest (or oldest) `wanted` documents of the chats of `scope` that fulfil every condition of
-- `sought` (tsqueries) and were sent in [sent_from, sent_until). It reads the newest (or oldest)
-- slices of ids first, and then as many more as the hits so far suggest: a frequent word costs no
-- more than a rare one. Separate conditions, because GIN skips through the lists of several
-- conditions but walks through those of one.
CREATE OR REPLACE FUNCTION search_documents_by_time(
    in_workspace bigint, scope bigint[], sought text[], sent_from bigint, sent_until bigint,
    wanted integer, oldest_first boolean)
RETURNS TABLE (
    message_id bigint, chat_id bigint, sender_id bigint, created_at bigint, version bigint)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_nestloop = off SET enable_indexscan = on
AS $$
#variable_conflict use_column
DECLARE
  -- More keys in one condition cost more than the list of a workspace's messages.
  keys_max CONSTANT integer := 64;
  generation_now integer := (SELECT s.serving FROM search_state s);
  since timestamptz := from_unix_micros(sent_from);
  before timestamptz := from_unix_micros(sent_until);
  newest bigint := coalesce((SELECT d.message_id FROM search_documents d
    WHERE d.generation = generation_now ORDER BY d.message_id DESC LIMIT 1), 0);
  highest bigint := CASE WHEN before IS NULL THEN newest
    ELSE search_first_since(generation_now, before + interval '1 minute') END;
  top bigint := highest >> 14;
  bottom bigint := CASE WHEN since IS NULL THEN 0
    ELSE search_first_since(generation_now, since - interval '1 minute') >> 14 END;
  few_chats boolean := cardinality(scope) <= keys_max;
  place text := CASE WHEN few_chats
    THEN (SELECT string_agg(format('''c:%s:%s''', generation_now, c), '|') FROM unnest(scope) c)
    ELSE format('''w:%s:%s''', generation_now, in_workspace) END;
  lowest bigint;   -- slices that are read at once
  uppermost bigint;
  slices bigint := 2;  -- the newest slice may have just begun
  slices_max bigint;
  ids_each bigint;     -- messages per hit; four times as many as there are when nothing was hit
  conditions text[];
  missing integer := wanted;
  found integer;
BEGIN
  WHILE missing > 0 AND top >= bottom AND cardinality(scope) > 0 LOOP
    lowest := CASE WHEN oldest_first THEN bottom ELSE greatest(top - slices + 1, bottom) END;
    uppermost := CASE WHEN oldest_first THEN least(bottom + slices - 1, top) ELSE top END;
    IF uppermost - lowest >= keys_max THEN
      lowest := bottom;
      uppermost := top;
    END IF;
    conditions := sought || place;
    -- Without keys of slices when these are too many, or most of the slices.
    IF uppermost - lowest < keys_max
       AND ((uppermost - lowest + 1) * 2 <= newest >> 14 OR uppermost - lowest < 2) THEN
      conditions := conditions || (
        SELECT string_agg(format('''s:%s:%s''', generation_now, n), '|')
        FROM generate_series(lowest, uppermost) n);
    END IF;
    RETURN QUERY EXECUTE format($query$
      SELECT d.message_id, d.chat_id, d.sender_id, unix_micros(d.created_at),
             unix_micros(d.version)
      FROM search_documents d
      WHERE %s
        AND d.workspace_id = $1
        AND d.chat_id IN (SELECT unnest($2))
        AND (d.message_id >> 14) BETWEEN $3 AND $4
        AND ($5 IS NULL OR d.created_at >= $5)
        AND ($6 IS NULL OR d.created_at < $6)
      ORDER BY d.message_id %s LIMIT $7 $query$,
      -- As values of subselects: for constants the planner takes its time to estimate hits.
      (SELECT string_agg(format('d.words @@ (SELECT %L::tsquery)', c), ' AND ')
       FROM unnest(conditions) c),
      CASE WHEN oldest_first THEN 'ASC' ELSE 'DESC' END)
      USING in_workspace, scope, lowest, uppermost, since, before, missing;
    GET DIAGNOSTICS found = ROW_COUNT;
    ids_each := (least(highest, (uppermost + 1) << 14) - (lowest << 14)) * 4 / greatest(found * 4, 1) + 1;
    missing := missing - found;
    IF oldest_first THEN bottom := uppermost + 1; ELSE top := lowest - 1; END IF;
    -- Messages of other chats cost reads too, unless the keys of the chats are conditions.
    slices_max := CASE WHEN few_chats THEN 1 + (newest >> 14) ELSE slices * 8 END;
    slices := least(slices_max, (missing * ids_each * 9 / 8 >> 14) + 1);
  END LOOP;
END $$;

-- Former: dropped by release 3.
CREATE OR REPLACE FUNCTION search_documents_of(
    in_workspace bigint, scope bigint[], sought text[], sent_from bigint, sent_until bigint,
    wanted integer)
RETURNS TABLE (
    message_id bigint, chat_id bigint, sender_id bigint, created_at bigint, version bigint)
LANGUAGE sql STABLE AS $$
  SELECT d.message_id, d.chat_id, d.sender_id, d.created_at, d.version
  FROM search_documents_by_time(in_workspace, scope, sought, sent_from, sent_until, wanted, false) d
$$;

-- Words of the workspace that resemble `typed` or are among `variants`. `similar_enough` is the
-- share of common trigrams.
CREATE OR REPLACE FUNCTION search_words_like(
    in_workspace bigint, typed text, variants text[], similar_enough real, length_min integer,
    length_max integer)
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
