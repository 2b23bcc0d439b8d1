-- An upload in chunks as the repositories read it.
CREATE OR REPLACE VIEW resumable_upload_rows AS
  SELECT r.id, r.workspace_id, r.user_id, r.metadata, r.size, r.received,
         unix_micros(r.expires_at) AS expires_at, r.upload_id,
         file_url(f.workspace_id, f.hash, f.extension) AS url
  FROM resumable_uploads r
  LEFT JOIN uploads u ON u.id = r.upload_id
  LEFT JOIN files f ON f.id = u.file_id;
