-- How the operator deletes a workspace (docs/administration.md). These functions run with the
-- caller's rights, and the caller is the schema's owner.

-- Before anything is deleted: all users are suspended and all sessions are over, so that within a
-- second no server takes a request of the workspace any more.
CREATE OR REPLACE FUNCTION operator_close_workspace(in_workspace bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE users SET status = 'suspended', hands_on_chats = false WHERE workspace_id = in_workspace;
  UPDATE sessions SET revoked_at = clock_timestamp()
    WHERE workspace_id = in_workspace AND revoked_at IS NULL;
  UPDATE invitations SET revoked_at = clock_timestamp()
    WHERE workspace_id = in_workspace AND revoked_at IS NULL AND accepted_at IS NULL;
  UPDATE scheduled_messages SET try_at = NULL, failure_code = 'deleted',
                                failure_detail = 'The workspace is being deleted.'
    WHERE workspace_id = in_workspace AND try_at IS NOT NULL;
END $$;

-- Deletes all rows of a workspace; the text in the events that the stream still holds is erased
-- next (cleanup_erasures). Ordered so that no row refers to one that is gone.
CREATE OR REPLACE FUNCTION operator_delete_workspace(in_workspace bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  item text;
BEGIN
  INSERT INTO erasure_requests (chat_id, seq, through_version)
    SELECT m.chat_id, m.seq, m.version FROM messages m WHERE m.workspace_id = in_workspace;
  UPDATE workspaces SET owner_id = NULL WHERE id = in_workspace;
  DELETE FROM due_read_events d USING chats c
    WHERE c.id = d.chat_id AND c.workspace_id = in_workspace;
  DELETE FROM chat_receipts r USING chats c
    WHERE c.id = r.chat_id AND c.workspace_id = in_workspace;
  FOREACH item IN ARRAY ARRAY[
    'search_documents', 'search_stale_words', 'search_vocabularies', 'search_words',
    'scheduled_messages', 'drafts', 'message_mentions', 'thread_follows', 'threads',
    'saved_messages', 'message_annotations', 'reactions', 'message_edits', 'message_files',
    'unread_exclusions', 'messages', 'resumable_uploads', 'upload_totals', 'uploads', 'files',
    'former_member_storage', 'chat_members', 'chats', 'user_presence', 'user_preferences',
    'event_tickets', 'sessions', 'invitations', 'daily_usage', 'blocks', 'users']
  LOOP
    EXECUTE format('DELETE FROM %I WHERE workspace_id = $1', item) USING in_workspace;
  END LOOP;
  DELETE FROM workspaces WHERE id = in_workspace;
END $$;
