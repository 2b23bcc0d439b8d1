-- An upload as the repositories read it.
CREATE OR REPLACE VIEW upload_rows AS
  SELECT u.id, u.workspace_id, u.user_id, u.file_id, u.name, unix_micros(u.created_at) AS created_at,
         f.hash, f.extension, f.media_type, f.size, f.width, f.height,
         f.thumbnail_state, f.blurhash
  FROM uploads u JOIN files f ON f.id = u.file_id;
