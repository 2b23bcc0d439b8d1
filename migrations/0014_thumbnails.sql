-- Thumbnails of pictures, which fechatter_thumbnailer makes and the store of files keeps
-- (functions/thumbnails.sql).
ALTER TABLE files
  ADD COLUMN thumbnail_state text NOT NULL DEFAULT 'none'
    CONSTRAINT files_thumbnail_state_check
    CHECK (thumbnail_state IN ('none', 'pending', 'ready', 'failed')),
  ADD COLUMN thumbnail_tries integer NOT NULL DEFAULT 0,  -- begun ones
  ADD COLUMN thumbnails_due_at timestamptz,  -- when a server that has not begun may begin
  ADD COLUMN blurhash text COLLATE "C"
    CONSTRAINT files_blurhash_check CHECK (octet_length(blurhash) BETWEEN 6 AND 40),
  ADD CONSTRAINT files_thumbnails_due_check
    CHECK ((thumbnail_state = 'pending') = (thumbnails_due_at IS NOT NULL)),
  ADD CONSTRAINT files_thumbnails_ready_check
    CHECK (thumbnail_state <> 'ready' OR (blurhash IS NOT NULL AND width IS NOT NULL));
CREATE INDEX idx_files_thumbnails_due ON files (thumbnails_due_at)
  WHERE thumbnails_due_at IS NOT NULL;

-- Pictures of before get theirs, too.
UPDATE files SET thumbnail_state = 'pending', thumbnails_due_at = clock_timestamp()
  WHERE media_type IN ('image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif',
                       'image/heic', 'image/tiff')
    AND stored_at IS NOT NULL;
