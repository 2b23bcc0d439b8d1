-- Scheduled messages: stored here, sent by a server like any other message, with their id as the
-- idempotency key. From the moment at which one is due it is being sent: it changes no more until
-- it has failed.

-- Why a message cannot be stored for later: what it answers is no message of the chat
-- ('unknown_reply_to'), or it mentions a non-member ('mention_outside'). NULL: it can. Sending it
-- looks again (append_messages).
CREATE OR REPLACE FUNCTION refusal_of_body(in_chat bigint, body jsonb)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN body->>'reply_to' IS NOT NULL AND NOT EXISTS (
      SELECT FROM messages t
      WHERE t.id = (body->>'reply_to')::bigint AND t.chat_id = in_chat)
      THEN 'unknown_reply_to'
    WHEN EXISTS (
      SELECT FROM jsonb_array_elements_text(body->'mentions') x
      WHERE NOT EXISTS (SELECT FROM chat_members o
                        WHERE o.chat_id = in_chat AND o.user_id = x::bigint))
      THEN 'mention_outside' END
$$;

-- Why no message is sent at that time: 'past', 'too_late' (more than a year ahead).
CREATE OR REPLACE FUNCTION refusal_of_time(send_at timestamptz)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN send_at <= clock_timestamp() THEN 'past'
              WHEN send_at > clock_timestamp() + interval '1 year' THEN 'too_late' END
$$;

-- Why the caller cannot write in a chat: 'not_found' (no active member of it); 'archived',
-- 'read_only'. NULL: the caller can.
CREATE OR REPLACE FUNCTION write_barrier(in_workspace bigint, caller bigint, in_chat bigint)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN count(*) = 0 THEN 'not_found'
              ELSE max(write_refusal(c.archived_at, c.who_may_write, m.role)) END
  FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
  JOIN users u ON u.id = m.user_id AND u.status = 'active'
  WHERE m.chat_id = in_chat AND m.user_id = caller AND m.workspace_id = in_workspace
$$;

-- How many messages of a user wait for their time. Those that have failed have a limit of their own
-- (fail_scheduled).
CREATE OR REPLACE FUNCTION waiting_messages(of_user bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM scheduled_messages s WHERE s.user_id = of_user AND s.failure_code IS NULL
$$;

-- A message of the caller that is sent at that time. Outcomes: 'done'; 'not_found' (the caller is
-- no active member of the chat); 'archived', 'read_only'; those of refusal_of_body and
-- refusal_of_time; 'full' (`most` of the caller's messages wait).
CREATE OR REPLACE FUNCTION schedule_message(
    in_workspace bigint, caller bigint, in_chat bigint, new_body jsonb, at_micros bigint,
    most integer)
RETURNS TABLE (outcome text, scheduled scheduled_rows) LANGUAGE plpgsql AS $$
DECLARE
  at timestamptz := from_unix_micros(at_micros);
  verdict text;
  made bigint;
BEGIN
  -- So that the caller's requests count one after the other.
  PERFORM FROM users u WHERE u.id = caller AND u.workspace_id = in_workspace FOR NO KEY UPDATE;
  verdict := coalesce(write_barrier(in_workspace, caller, in_chat),
                      refusal_of_body(in_chat, new_body), refusal_of_time(at),
                      CASE WHEN waiting_messages(caller) >= most THEN 'full' END, 'done');
  IF verdict = 'done' THEN
    INSERT INTO scheduled_messages (workspace_id, chat_id, user_id, body, send_at, try_at)
      VALUES (in_workspace, in_chat, caller, new_body, at, at) RETURNING id INTO made;
  END IF;
  RETURN QUERY SELECT verdict, v FROM (SELECT) one
    LEFT JOIN scheduled_rows v ON v.id = made;
END $$;

-- Locks a scheduled message of the caller and looks at it. NULL: it can change. Else 'not_found',
-- or 'sending'.
CREATE OR REPLACE FUNCTION lock_scheduled(in_workspace bigint, caller bigint, wanted bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  verdict text;
BEGIN
  SELECT CASE WHEN s.send_at <= clock_timestamp() AND s.failure_code IS NULL THEN 'sending' END
    INTO verdict FROM scheduled_messages s
    WHERE s.id = wanted AND s.user_id = caller AND s.workspace_id = in_workspace FOR UPDATE;
  RETURN CASE WHEN FOUND THEN verdict ELSE 'not_found' END;
END $$;

-- Fields of `patch` replace those of the message; without a time it keeps its own. One that has
-- failed waits again. Further outcomes: those of schedule_message, which come before all that shows
-- something of the chat; 'empty'
-- (neither text nor file would remain); 'too_large' (beyond `bytes_max` as JSON, without ranges);
-- 'no_reply' (only a reply may be in its thread alone).
CREATE OR REPLACE FUNCTION change_scheduled(
    in_workspace bigint, caller bigint, wanted bigint, patch jsonb, at_micros bigint,
    bytes_max integer, most integer)
RETURNS TABLE (outcome text, scheduled scheduled_rows) LANGUAGE plpgsql AS $$
DECLARE
  verdict text;
  old scheduled_messages;
  at timestamptz;
BEGIN
  -- As in schedule_message: one that has failed counts again.
  PERFORM FROM users u WHERE u.id = caller AND u.workspace_id = in_workspace FOR NO KEY UPDATE;
  verdict := lock_scheduled(in_workspace, caller, wanted);
  IF verdict IS NULL THEN
    SELECT s.* INTO old FROM scheduled_messages s WHERE s.id = wanted;
    patch := old.body || patch;
    at := coalesce(from_unix_micros(at_micros), old.send_at);
    verdict := coalesce(
      write_barrier(in_workspace, caller, old.chat_id),
      CASE WHEN patch->>'content' = '' AND jsonb_array_length(patch->'files') = 0 THEN 'empty'
           WHEN octet_length((patch - 'mention_ranges')::text) > bytes_max THEN 'too_large'
           WHEN patch->>'also_to_chat' = 'false' AND patch->>'reply_to' IS NULL
             THEN 'no_reply' END,
      refusal_of_body(old.chat_id, patch), refusal_of_time(at),
      CASE WHEN old.failure_code IS NOT NULL AND waiting_messages(caller) >= most THEN 'full' END);
  END IF;
  IF verdict IS NULL THEN
    UPDATE scheduled_messages s
      SET body = patch, send_at = at, try_at = at, tries = 0, failure_code = NULL,
          failure_detail = NULL
      WHERE s.id = wanted;
  END IF;
  RETURN QUERY SELECT coalesce(verdict, 'done'), v FROM (SELECT) one
    LEFT JOIN scheduled_rows v ON v.id = wanted AND verdict IS NULL;
END $$;

CREATE OR REPLACE FUNCTION cancel_scheduled(in_workspace bigint, caller bigint, wanted bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  verdict text := lock_scheduled(in_workspace, caller, wanted);
BEGIN
  IF verdict IS NULL THEN
    DELETE FROM scheduled_messages WHERE id = wanted;
  END IF;
  RETURN coalesce(verdict, 'done');
END $$;

-- At most `slice` messages that are due, the earliest first, for the calling server. It has
-- `lease_seconds` to settle each of them; then another server sends it again, with the same key.
CREATE OR REPLACE FUNCTION claim_scheduled(slice integer, lease_seconds integer)
RETURNS TABLE (scheduled scheduled_rows, tried integer) LANGUAGE plpgsql AS $$
DECLARE
  ids bigint[];
BEGIN
  WITH due AS (
    SELECT s.id, s.try_at AS was_due FROM scheduled_messages s WHERE s.try_at <= now()
      ORDER BY s.try_at, s.id LIMIT slice FOR UPDATE SKIP LOCKED
  ), claimed AS (
    UPDATE scheduled_messages s
      SET try_at = clock_timestamp() + lease_seconds * interval '1 second', tries = s.tries + 1
      FROM due WHERE s.id = due.id
      RETURNING s.id, due.was_due
  )
  SELECT array_agg(c.id ORDER BY c.was_due, c.id) INTO ids FROM claimed c;
  -- In a statement of its own: a change that was committed just before the lock is seen.
  RETURN QUERY SELECT v, s.tries FROM unnest(ids) WITH ORDINALITY x (id, ord)
    JOIN scheduled_messages s ON s.id = x.id JOIN scheduled_rows v ON v.id = x.id
    ORDER BY x.ord;
END $$;

-- A claimed message was sent.
CREATE OR REPLACE FUNCTION settle_scheduled(wanted bigint) RETURNS void LANGUAGE sql AS $$
  DELETE FROM scheduled_messages WHERE id = wanted
$$;

-- A dependency has ended the try of that number: the message is due again after `seconds`, which
-- are fewer than those of the claim. Nothing, when another server has claimed it since.
CREATE OR REPLACE FUNCTION release_scheduled(wanted bigint, tried integer, seconds integer)
RETURNS void LANGUAGE sql AS $$
  UPDATE scheduled_messages s SET try_at = clock_timestamp() + seconds * interval '1 second'
  WHERE s.id = wanted AND s.tries = tried AND s.try_at IS NOT NULL
$$;

-- A claimed message can no longer be sent; its user gets an event. False, and no event: it is gone,
-- or an earlier attempt had sent it, of which no server knew the end.
CREATE OR REPLACE FUNCTION fail_scheduled(wanted bigint, code text, detail text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  failed scheduled_messages;
BEGIN
  DELETE FROM scheduled_messages s USING messages m
    WHERE s.id = wanted AND m.chat_id = s.chat_id AND m.sender_id = s.user_id
      AND m.idempotency_key = scheduled_key(s.id);
  UPDATE scheduled_messages s
    SET try_at = NULL, failure_code = code, failure_detail = left(detail, 500)
    WHERE s.id = wanted AND s.failure_code IS NULL RETURNING * INTO failed;
  -- Of those that have failed the newest 100 of a user stay.
  DELETE FROM scheduled_messages WHERE id IN (
    SELECT s.id FROM scheduled_messages s
    WHERE s.user_id = failed.user_id AND s.failure_code IS NOT NULL AND s.id <> failed.id
    ORDER BY s.send_at DESC, s.id DESC OFFSET 99 FOR UPDATE SKIP LOCKED);
  INSERT INTO outbox (workspace_id, chat_id, type, audience, data)
    SELECT failed.workspace_id, failed.chat_id, 'ScheduledMessageFailed',
           json_build_object('users', ARRAY[failed.user_id]),
           json_build_object('id', failed.id, 'send_at', rfc3339(failed.send_at),
                             'failure', json_build_object('code', failed.failure_code,
                                                          'detail', failed.failure_detail))
    WHERE failed.id IS NOT NULL;
  RETURN failed.id IS NOT NULL;
END $$;
