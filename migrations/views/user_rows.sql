-- A user as the repositories read it.
CREATE OR REPLACE VIEW user_rows AS
  SELECT u.id, u.workspace_id, u.fullname, u.email, u.status, u.role, u.avatar_url, u.title, u.bio,
         unix_micros(u.created_at) AS created_at
  FROM users u;
