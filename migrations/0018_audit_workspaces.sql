-- The workspace that a row of the log is about, which its owners and admins can read; NULL: the
-- installation, and what a program of the former release adds beside this one. No key: the log
-- outlives the workspace.
ALTER TABLE audit_log ADD COLUMN workspace_id bigint;

UPDATE audit_log l SET workspace_id = u.workspace_id FROM users u
  WHERE u.id = coalesce(substring(l.actor FROM '^user ([0-9]{1,18})$'),
                        substring(l.target FROM '^user ([0-9]{1,18})$'))::bigint;
UPDATE audit_log l SET workspace_id = s.workspace_id FROM sessions s
  WHERE l.workspace_id IS NULL
    AND s.id = substring(l.target FROM '^session ([0-9]{1,18})$')::bigint;
-- A founded workspace is named, all others by their ids.
UPDATE audit_log l SET workspace_id = w.id FROM workspaces w
  WHERE l.workspace_id IS NULL
    AND CASE l.action WHEN 'workspace.create' THEN l.target = 'workspace ' || w.name
                      ELSE l.target = 'workspace ' || w.id END;

CREATE INDEX idx_audit_log_workspace ON audit_log (workspace_id, id);
-- Ids are kept by an import, so a workspace may have that of one which was deleted before.
CREATE INDEX idx_audit_log_deleted ON audit_log (workspace_id, id)
  WHERE action = 'workspace.delete';
