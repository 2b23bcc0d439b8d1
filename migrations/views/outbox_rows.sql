-- An event as the relay reads it; `envelope` is what it publishes. Its workspace's position is that
-- of the workspace's last marked event.
-- An event whose text was erased is published all the same, so that the order has no gap.
CREATE OR REPLACE VIEW outbox_rows AS
  SELECT o.id, unix_micros(o.created_at) AS created, o.workspace_id, o.chat_id,
         CASE WHEN o.erased_at IS NULL THEN o.type ELSE 'Erased' END AS type,
         json_build_object('event_id', o.id,
                           'type', CASE WHEN o.erased_at IS NULL THEN o.type ELSE 'Erased' END,
                           'workspace_id', o.workspace_id, 'chat_id', o.chat_id, 'seq', o.seq,
                           'version', o.version,
                           'occurred_at', rfc3339(o.created_at), 'audience', o.audience,
                           'members', o.members, 'actor', o.actor, 'trace', o.trace,
                           'data', o.data)::text
           AS envelope,
         coalesce(o.first_epoch, o.epoch, 0) AS first_epoch,
         coalesce(o.first_seq, o.stream_seq, 0) AS first_seq,
         coalesce(w.epoch, 0) AS workspace_epoch, coalesce(w.stream_seq, 0) AS workspace_seq,
         o.epoch, o.stream_seq, o.trace
  FROM outbox o LEFT JOIN relay_workspaces w ON w.workspace_id = o.workspace_id;
