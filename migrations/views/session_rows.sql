-- A session with the user and the workspace that its tokens are made from.
CREATE OR REPLACE VIEW session_rows AS
  SELECT s.id AS session_id, u.id AS user_id, u.workspace_id, u.fullname, u.email, u.status, u.role,
         u.avatar_url, unix_micros(u.created_at) AS user_created_at, w.name AS workspace_name,
         w.owner_id AS workspace_owner_id, unix_micros(w.created_at) AS workspace_created_at,
         u.title, u.bio
  FROM sessions s JOIN users u ON u.id = s.user_id JOIN workspaces w ON w.id = u.workspace_id;
