-- Thumbnails of pictures.
--
-- A picture is `pending` from its first upload on, until its thumbnails are `ready` or have
-- `failed`. A server begins a try when it claims the picture: the one that has received the upload
-- does so at once, before a message can name the picture, and any server does later when that one
-- has not begun, or has ended in between. A try has a minute; three are begun at most.

-- Begins a try for a picture whose upload has just been recorded. Nothing when another server, or
-- another upload, has begun one.
CREATE OR REPLACE FUNCTION claim_thumbnails_of(of_file bigint)
RETURNS TABLE (file_id bigint, workspace_id bigint, hash text, extension text)
LANGUAGE sql AS $$
  UPDATE files f SET thumbnail_tries = 1,
                     thumbnails_due_at = clock_timestamp() + interval '1 minute'
    WHERE f.id = of_file AND f.thumbnail_state = 'pending' AND f.thumbnail_tries = 0
      AND f.removing_since IS NULL
    RETURNING f.id, f.workspace_id, f.hash, f.extension
$$;

-- Begins tries for at most `slice` pictures that are due. Those whose last try has not ended have
-- failed.
CREATE OR REPLACE FUNCTION claim_due_thumbnails(slice integer)
RETURNS TABLE (file_id bigint, workspace_id bigint, hash text, extension text)
LANGUAGE plpgsql AS $$
DECLARE
  tries_max CONSTANT integer := 3;
  due bigint[] := ARRAY(
    SELECT f.id FROM files f WHERE f.thumbnails_due_at <= clock_timestamp()
    ORDER BY f.thumbnails_due_at LIMIT slice FOR NO KEY UPDATE SKIP LOCKED);
BEGIN
  UPDATE files f SET thumbnail_state = 'failed', thumbnails_due_at = NULL
    WHERE f.id = ANY (due) AND f.thumbnail_tries >= tries_max;
  RETURN QUERY
    UPDATE files f SET thumbnail_tries = f.thumbnail_tries + 1,
                       thumbnails_due_at = clock_timestamp() + interval '1 minute'
      WHERE f.id = ANY (due) AND f.thumbnail_state = 'pending' AND f.removing_since IS NULL
      RETURNING f.id, f.workspace_id, f.hash, f.extension;
END $$;

-- The end of a try. `outcome`: 'ready', 'failed' (for good), 'crashed' (tried again in a while,
-- unless it was the last try), 'put_off' (nothing was learned of the picture: the try does not
-- count). `size_in_pixels`: width and height, or NULL when they are not known. False: another
-- server has ended one before.
CREATE OR REPLACE FUNCTION finish_thumbnails(
    of_file bigint, outcome text, size_in_pixels integer[], new_blurhash text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE files f SET
      thumbnail_state = CASE WHEN outcome IN ('ready', 'failed') THEN outcome
                             WHEN outcome = 'crashed' AND f.thumbnail_tries >= 3 THEN 'failed'
                             ELSE 'pending' END,
      thumbnail_tries = f.thumbnail_tries - CASE outcome WHEN 'put_off' THEN 1 ELSE 0 END,
      thumbnails_due_at = CASE
        WHEN outcome = 'put_off' THEN clock_timestamp() + interval '30 seconds'
        WHEN outcome = 'crashed' AND f.thumbnail_tries < 3
          THEN clock_timestamp() + interval '10 seconds' END,
      width = coalesce(size_in_pixels[1], f.width), height = coalesce(size_in_pixels[2], f.height),
      blurhash = coalesce(new_blurhash, f.blurhash)
    WHERE f.id = of_file AND f.thumbnail_state = 'pending' AND f.removing_since IS NULL;
  RETURN FOUND;
END $$;
