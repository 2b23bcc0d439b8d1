-- Search in PostgreSQL finds faster (docs/adr/0010). What is sought comes as conditions that must all
-- hold, because GIN leaps through the lists of several conditions, but walks through those of one. The
-- function of 0010 with one tsquery remains for servers of before.

-- The newest `wanted` documents that are of the chats of `scope`, fulfil every condition of `sought`
-- (tsqueries) and were sent in [sent_from, sent_until). It looks from the newest slices of time back, as
-- far as what it has found so far lets expect enough: so a frequent word costs no more than a rare one.
CREATE FUNCTION search_documents_of(in_workspace bigint, scope bigint[], sought text[],
                                    sent_from bigint, sent_until bigint, wanted integer)
RETURNS TABLE (message_id bigint, chat_id bigint, sender_id bigint, created_at bigint,
               version bigint) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_nestloop = off SET enable_indexscan = on AS $$
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
  lowest bigint;
  slices bigint := 2;  -- the newest one may have just begun
  slices_max bigint;
  ids_each bigint;     -- of how many messages one was found; where none was, of four times as many
  conditions text[];
  missing integer := wanted;
  found integer;
BEGIN
  WHILE missing > 0 AND top >= bottom AND cardinality(scope) > 0 LOOP
    lowest := greatest(top - slices + 1, bottom);
    IF top - lowest >= keys_max THEN lowest := bottom; END IF;
    conditions := sought || place;
    -- Without keys of slices when these are too many, or most of all there are.
    IF top - lowest < keys_max
       AND ((top - lowest + 1) * 2 <= newest >> 14 OR top - lowest < 2) THEN
      conditions := conditions || (
        SELECT string_agg(format('''s:%s:%s''', generation_now, n), '|')
        FROM generate_series(lowest, top) n);
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
      ORDER BY d.message_id DESC LIMIT $7 $query$,
      -- As values of subselects, for the planner takes its time to guess what a constant may find.
      (SELECT string_agg(format('d.words @@ (SELECT %L::tsquery)', c), ' AND ')
       FROM unnest(conditions) c))
      USING in_workspace, scope, lowest, top, since, before, missing;
    GET DIAGNOSTICS found = ROW_COUNT;
    ids_each := (least(highest, (top + 1) << 14) - (lowest << 14)) * 4 / greatest(found * 4, 1) + 1;
    missing := missing - found;
    top := lowest - 1;
    -- What lies in other chats costs something too, unless the chats are asked for by their keys.
    slices_max := CASE WHEN few_chats THEN 1 + (newest >> 14) ELSE slices * 8 END;
    slices := least(slices_max, (missing * ids_each * 9 / 8 >> 14) + 1);
  END LOOP;
END $$;
