-- Uploads that come in chunks. What has come of one is in a partial file in the folder of the store
-- (fechatter_core/file/partial_files.hpp).

ALTER TABLE uploads ADD UNIQUE (id, workspace_id);

CREATE TABLE resumable_uploads (
  id text COLLATE "C" PRIMARY KEY
    CONSTRAINT resumable_uploads_id_check CHECK (id ~ '^[A-Za-z0-9_-]{32}$'),  -- random
  workspace_id bigint NOT NULL,
  user_id bigint NOT NULL,
  metadata text NOT NULL CHECK (octet_length(metadata) <= 4096),  -- Upload-Metadata
  size bigint NOT NULL CHECK (size > 0),                          -- of the whole, announced
  received bigint NOT NULL DEFAULT 0,                             -- bytes that are durable
  upload_id bigint,                                               -- what it has become
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  FOREIGN KEY (user_id, workspace_id) REFERENCES users (id, workspace_id) ON DELETE CASCADE,
  FOREIGN KEY (upload_id, workspace_id) REFERENCES uploads (id, workspace_id) ON DELETE CASCADE,
  -- The last bytes are received when the file has its place.
  CHECK (received >= 0 AND (upload_id IS NULL) = (received < size))
);
CREATE INDEX idx_resumable_uploads_unfinished ON resumable_uploads (workspace_id, user_id)
  WHERE upload_id IS NULL;
CREATE INDEX idx_resumable_uploads_expires ON resumable_uploads (expires_at);
-- For the foreign keys.
CREATE INDEX idx_resumable_uploads_user ON resumable_uploads (user_id);
CREATE INDEX idx_resumable_uploads_upload ON resumable_uploads (upload_id)
  WHERE upload_id IS NOT NULL;
