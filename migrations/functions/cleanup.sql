-- Background removal, one function for each chore, safe in several servers at once. Each takes at
-- most `slice` rows and returns how many it took: as many as `slice` means that there may be more.
-- Times are compared with now(), which an index can answer, unlike clock_timestamp().

-- Emits the member counts of large chats that have changed.
CREATE OR REPLACE FUNCTION cleanup_member_counts(slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  chat bigint;
  emitted integer := 0;
BEGIN
  FOR chat IN SELECT id FROM chats
              WHERE count_changed_at < now() - interval '5 seconds'
                AND deleted_at IS NULL ORDER BY id LIMIT slice FOR NO KEY UPDATE SKIP LOCKED LOOP
    PERFORM emit_chat_updated(chat);
    UPDATE chats SET count_changed_at = NULL WHERE id = chat;
    emitted := emitted + 1;
  END LOOP;
  RETURN emitted;
END $$;

-- Hands on chats of one suspended user: a suspension hands on only as many as one request may.
CREATE OR REPLACE FUNCTION cleanup_suspended_owners(slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  owner bigint;
BEGIN
  SELECT u.id INTO owner FROM users u WHERE u.hands_on_chats
    ORDER BY u.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
  RETURN CASE WHEN owner IS NULL THEN 0 ELSE hand_on_chats(owner, slice) END;
END $$;

-- Erases the messages of deleted chats that cannot be restored any more, with their documents in
-- the search index, the drafts, and the messages that wait for their time; the text in the events
-- is erased next (cleanup_erasures). The newest first: a reply is removed before the message that
-- it answers. Begins a minute late, so that a restoration in the last moment has ended.
CREATE OR REPLACE FUNCTION cleanup_deleted_messages(slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
  unsent integer;
BEGIN
  WITH removed_messages AS (
    DELETE FROM messages WHERE id IN (
      SELECT m.id FROM messages m JOIN chats c ON c.id = m.chat_id
      WHERE c.erase_at < now() - interval '1 minute'
      ORDER BY m.chat_id, m.seq DESC LIMIT slice FOR UPDATE OF m SKIP LOCKED)
    RETURNING id, chat_id, seq, version
  ), removed_documents AS (
    DELETE FROM search_documents d USING removed_messages r, search_state s
      WHERE d.message_id = r.id AND d.generation IN (s.serving, s.building)
      RETURNING d.workspace_id, d.words
  ), stale AS (
    INSERT INTO search_stale_words (workspace_id, word)
      SELECT DISTINCT d.workspace_id, w.lexeme FROM removed_documents d, unnest(d.words) w
      WHERE EXISTS (SELECT FROM search_words v
                    WHERE v.workspace_id = d.workspace_id AND v.word = w.lexeme)
      ON CONFLICT DO NOTHING
  ), erasures AS (
    INSERT INTO erasure_requests (chat_id, seq, through_version)
      SELECT r.chat_id, r.seq, r.version FROM removed_messages r
  )
  SELECT count(*) INTO removed FROM removed_messages;
  DELETE FROM drafts WHERE (chat_id, user_id) IN (
    SELECT d.chat_id, d.user_id FROM drafts d JOIN chats c ON c.id = d.chat_id
    WHERE c.erase_at < now() - interval '1 minute'
    LIMIT slice - removed FOR UPDATE OF d SKIP LOCKED);
  GET DIAGNOSTICS unsent = ROW_COUNT;
  removed := removed + unsent;
  DELETE FROM scheduled_messages WHERE id IN (
    SELECT s.id FROM scheduled_messages s JOIN chats c ON c.id = s.chat_id
    WHERE c.erase_at < now() - interval '1 minute'
    LIMIT slice - removed FOR UPDATE OF s SKIP LOCKED);
  GET DIAGNOSTICS unsent = ROW_COUNT;
  RETURN removed + unsent;
END $$;

-- Removes the members of such chats, and what is known of former ones, 8 days after the deletion,
-- when the stream has no event of the chat any more: by these rows notify_server knows the
-- receivers of ChatDeleted. A client that was away longer finds by REST that the chat is gone.
CREATE OR REPLACE FUNCTION cleanup_deleted_members(slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
  removed_of_former integer;
BEGIN
  DELETE FROM chat_members WHERE (chat_id, user_id) IN (
    SELECT m.chat_id, m.user_id FROM chat_members m JOIN chats c ON c.id = m.chat_id
    WHERE c.erase_at < now() - interval '1 minute' AND c.deleted_at < now() - interval '8 days'
    LIMIT slice FOR UPDATE OF m SKIP LOCKED);
  GET DIAGNOSTICS removed = ROW_COUNT;
  DELETE FROM former_member_storage WHERE (chat_id, user_id) IN (
    SELECT f.chat_id, f.user_id FROM former_member_storage f JOIN chats c ON c.id = f.chat_id
    WHERE c.erase_at < now() - interval '1 minute' AND c.deleted_at < now() - interval '8 days'
    LIMIT slice - removed FOR UPDATE OF f SKIP LOCKED);
  GET DIAGNOSTICS removed_of_former = ROW_COUNT;
  RETURN removed + removed_of_former;
END $$;

-- Removes such chats that have neither messages nor members any more.
CREATE OR REPLACE FUNCTION cleanup_deleted_chats(slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  DELETE FROM chats WHERE id IN (
    SELECT c.id FROM chats c WHERE c.erase_at < now() - interval '1 minute'
      AND NOT EXISTS (SELECT FROM messages m WHERE m.chat_id = c.id)
      AND NOT EXISTS (SELECT FROM chat_members m WHERE m.chat_id = c.id)
      AND NOT EXISTS (SELECT FROM former_member_storage f WHERE f.chat_id = c.id)
    LIMIT slice FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

CREATE OR REPLACE FUNCTION cleanup_event_tickets(slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  DELETE FROM event_tickets WHERE hash IN (
    SELECT hash FROM event_tickets WHERE expires_at < now()
    LIMIT slice FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- Removes expired sessions with their refresh tokens, of which each has only a few. A day after its
-- expiry no token of a session is valid.
CREATE OR REPLACE FUNCTION cleanup_sessions(slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at < now() - interval '1 day'
    LIMIT slice FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- Removes the receipts of chats in which a member has received and read nothing for 30 days.
CREATE OR REPLACE FUNCTION cleanup_receipts(slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  DELETE FROM chat_receipts WHERE (chat_id, user_id) IN (
    SELECT chat_id, user_id FROM chat_receipts WHERE updated_on < current_date - 31
    LIMIT slice FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;
