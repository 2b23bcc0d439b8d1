-- Files and their uploads.
--
-- The store of files has no transactions, so this is how its bytes and these rows agree, whatever
-- ends a server at whatever moment:
--
--   upload:   reserve_file (row)  →  the store gets the bytes  →  record_upload
--   removal:  take_unused_files (row: removing)  →  the store loses the bytes  →  forget_files
--
-- No bytes are without a row: an upload that ends in between leaves a row that is unused, and is
-- removed like any other.
--
-- No upload is recorded whose bytes are gone, although its server leaves bytes alone that are there
-- already. The only danger is a removal that begins after the reservation and ends before the
-- record. Both are changes of one row under its lock: a row that is being removed is never used
-- again, it is deleted, and the next upload makes a row with another id. So when the row with the
-- reserved id is there and is not being removed, no removal has begun since. While one is under
-- way, a reservation is refused ('removing'), and the upload is tried again shortly.
--
-- No file is removed that a message carries: append_messages locks its files (FOR KEY SHARE) until
-- the message is stored. take_unused_files locks the row first and looks for messages in a
-- statement of its own after that, with a snapshot of after the lock: either it sees the message,
-- or append_messages sees that the file is being removed. A look in the statement that locks would
-- have the snapshot of before the lock, and miss a message that was stored meanwhile. Where a lock
-- would be waited for it is skipped.
--
-- A server that has taken files to remove has a minute for it: ten minutes later another server may
-- take them again. What was marked as unused without reason costs nothing: the removal looks again.

-- Locks the row of an active user, so that the user's uploads are counted one after the other.
-- False: there is none.
CREATE OR REPLACE FUNCTION lock_uploader(in_workspace bigint, caller bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM users u WHERE u.id = caller AND u.workspace_id = in_workspace
    AND u.status = 'active' FOR NO KEY UPDATE;
  RETURN FOUND;
END $$;

-- Why a user cannot upload that many bytes more: 'quota_user', 'quota_workspace' (by the uploads
-- alone; what the messages take is counted in the background). NULL: the user can. A content that
-- the user has uploaded already takes nothing more. Limits in bytes; NULL: none.
CREATE OR REPLACE FUNCTION refusal_of_upload(
    in_workspace bigint, caller bigint, of_file bigint, added bigint, user_limit bigint,
    workspace_limit bigint)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN EXISTS (SELECT FROM uploads u WHERE u.user_id = caller AND u.file_id = of_file) THEN NULL
    WHEN user_limit < added + storage_of_user(caller) THEN 'quota_user'
    WHEN workspace_limit < added + (
     SELECT coalesce(sum(t.bytes), 0) FROM upload_totals t WHERE t.workspace_id = in_workspace)
      THEN 'quota_workspace' END
$$;

-- Before the store gets the bytes. Outcomes: 'reserved'; 'removing' (try again shortly);
-- 'suspended' (the caller is no active user); those of refusal_of_upload.
CREATE OR REPLACE FUNCTION reserve_file(
    in_workspace bigint, caller bigint, of_hash text, of_extension text, of_media_type text,
    of_size bigint, user_limit bigint, workspace_limit bigint, OUT outcome text, OUT file_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
  known bigint := (SELECT f.id FROM files f WHERE f.workspace_id = in_workspace
                   AND f.hash = of_hash AND f.extension = of_extension);
BEGIN
  outcome := CASE
    WHEN NOT lock_uploader(in_workspace, caller) THEN 'suspended'
    ELSE refusal_of_upload(in_workspace, caller, known, of_size, user_limit, workspace_limit) END;
  IF outcome IS NULL THEN
    INSERT INTO files AS f (workspace_id, hash, extension, media_type, size)
      VALUES (in_workspace, of_hash, of_extension, of_media_type, of_size)
      ON CONFLICT (workspace_id, hash, extension) DO UPDATE
        SET unused_since = CASE WHEN f.unused_since IS NOT NULL THEN clock_timestamp() END
        WHERE f.removing_since IS NULL
      RETURNING f.id INTO file_id;
    outcome := CASE WHEN file_id IS NULL THEN 'removing' ELSE 'reserved' END;
  END IF;
END $$;

-- After the store has got the bytes durably. Outcomes: 'done'; 'gone' (the reservation has ended,
-- an hour after it was made at the earliest); the others of reserve_file. `size_in_pixels`: width
-- and height of a picture, or NULL.
CREATE OR REPLACE FUNCTION record_upload(
    in_workspace bigint, caller bigint, reserved bigint, new_name text, size_in_pixels integer[],
    user_limit bigint, workspace_limit bigint)
RETURNS TABLE (outcome text, upload upload_rows) LANGUAGE plpgsql AS $$
DECLARE
  is_active boolean := lock_uploader(in_workspace, caller);
  file files;
  is_known boolean;
  made bigint;
  verdict text;
BEGIN
  SELECT f.* INTO file FROM files f
    WHERE f.id = reserved AND f.workspace_id = in_workspace AND f.removing_since IS NULL
    FOR NO KEY UPDATE;
  is_known := EXISTS (SELECT FROM uploads u WHERE u.user_id = caller AND u.file_id = file.id);
  verdict := CASE
    WHEN NOT is_active THEN 'suspended'
    WHEN file.id IS NULL THEN 'gone'
    ELSE coalesce(refusal_of_upload(in_workspace, caller, file.id, file.size, user_limit,
                                    workspace_limit), 'done') END;
  IF verdict = 'done' THEN
    UPDATE files f SET stored_at = coalesce(f.stored_at, clock_timestamp()), unused_since = NULL,
                       width = coalesce(size_in_pixels[1], f.width),
                       height = coalesce(size_in_pixels[2], f.height)
      WHERE f.id = file.id;
    -- The server that has received the upload makes its thumbnails first.
    UPDATE files f SET thumbnail_state = 'pending',
                       thumbnails_due_at = clock_timestamp() + interval '10 seconds'
      WHERE f.id = file.id AND f.thumbnail_state = 'none' AND is_picture(f.media_type);
    INSERT INTO uploads AS u (workspace_id, file_id, user_id, name)
      VALUES (in_workspace, file.id, caller, new_name)
      ON CONFLICT (user_id, file_id) DO UPDATE
        SET name = excluded.name, created_at = excluded.created_at
      RETURNING u.id INTO made;
    IF NOT is_known THEN
      INSERT INTO upload_totals AS t (user_id, workspace_id, bytes)
        VALUES (caller, in_workspace, file.size)
        ON CONFLICT (user_id) DO UPDATE SET bytes = t.bytes + excluded.bytes;
    END IF;
  END IF;
  RETURN QUERY SELECT verdict, v FROM (SELECT) one LEFT JOIN upload_rows v ON v.id = made;
END $$;

-- The name under which a message carries the file that the user may read: one in a chat whose
-- member the user is now. NULL: there is none. Most files are in one or two messages; of a file in
-- many, the user's chats are asked, so that the work is bounded by these and not by the messages.
CREATE OR REPLACE FUNCTION carried_name(of_file bigint, caller bigint)
RETURNS text LANGUAGE sql STABLE AS $$
  WITH first_ones AS MATERIALIZED (
    SELECT x.chat_id, x.name FROM message_files x WHERE x.file_id = of_file LIMIT 32
  )
  SELECT coalesce(
    (SELECT o.name FROM first_ones o
     JOIN chat_members m ON m.chat_id = o.chat_id AND m.user_id = caller
     JOIN chats c ON c.id = o.chat_id AND c.deleted_at IS NULL LIMIT 1),
    CASE WHEN (SELECT count(*) FROM first_ones) = 32 THEN
      (SELECT o.name FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
       CROSS JOIN LATERAL (SELECT x.name FROM message_files x
                           WHERE x.file_id = of_file AND x.chat_id = m.chat_id LIMIT 1) o
       WHERE m.user_id = caller LIMIT 1) END)
$$;

-- Those of the files that the caller has uploaded, or that a message carries in a chat whose member
-- the caller is now; `ord` is the place of the key from 1. The arrays are parallel.
CREATE OR REPLACE FUNCTION visible_files(
    in_workspace bigint, caller bigint, hashes text[], extensions text[])
RETURNS TABLE (ord bigint, file_id bigint, hash text, extension text, media_type text, size bigint,
               width integer, height integer, name text)
LANGUAGE sql STABLE AS $$
  SELECT k.ord, f.id, f.hash, f.extension, f.media_type, f.size, f.width, f.height, seen.name
  FROM unnest(hashes, extensions) WITH ORDINALITY AS k (hash, extension, ord)
  JOIN files f ON f.workspace_id = in_workspace AND f.hash = k.hash AND f.extension = k.extension
              AND f.stored_at IS NOT NULL AND f.removing_since IS NULL
  LEFT JOIN uploads u ON u.user_id = caller AND u.file_id = f.id
  CROSS JOIN LATERAL (SELECT coalesce(u.name, carried_name(f.id, caller)) AS name) seen
  WHERE seen.name IS NOT NULL
    AND EXISTS (SELECT FROM users p WHERE p.id = caller AND p.workspace_id = in_workspace
                AND p.status = 'active')
  ORDER BY k.ord
$$;

-- The uploads of the sender that have these URLs; `ord` is the place of the URL from 1.
CREATE OR REPLACE FUNCTION own_uploads(in_workspace bigint, sender bigint, urls text[])
RETURNS TABLE (ord bigint, file_id bigint, name text) LANGUAGE sql STABLE AS $$
  SELECT x.ord, f.id, u.name
  FROM unnest(urls) WITH ORDINALITY AS x (url, ord)
  CROSS JOIN LATERAL regexp_match(x.url, '/([0-9a-f]{64})\.([a-z0-9]{1,8})$') AS p (parts)
  JOIN files f ON f.workspace_id = in_workspace AND f.hash = p.parts[1]
              AND f.extension = p.parts[2] AND f.removing_since IS NULL
              AND file_url(f.workspace_id, f.hash, f.extension) = x.url
  JOIN uploads u ON u.user_id = sender AND u.file_id = f.id
$$;

-- What a new message with these files carries. The files stay until the message is stored.
CREATE OR REPLACE FUNCTION attach_files(in_workspace bigint, sender bigint, urls text[])
RETURNS attached_files LANGUAGE plpgsql AS $$
DECLARE
  attached attached_files;
BEGIN
  PERFORM FROM files f
    WHERE f.id = ANY (ARRAY(SELECT o.file_id FROM own_uploads(in_workspace, sender, urls) o))
    ORDER BY f.id FOR KEY SHARE;
  SELECT array_agg(o.file_id ORDER BY o.ord), array_agg(o.name ORDER BY o.ord),
         json_agg(attachment_json(f, o.name) ORDER BY o.ord)
    INTO attached
    FROM own_uploads(in_workspace, sender, urls) o JOIN files f ON f.id = o.file_id;
  RETURN CASE WHEN cardinality(attached.ids) = cardinality(urls) THEN attached END;
END $$;

-- Whether a file is used: a message carries it, an uploader of it has a draft or a message that
-- waits for its time which names it, or an upload of it is younger than the grace.
CREATE OR REPLACE FUNCTION is_file_used(file files, grace_seconds bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM message_files x WHERE x.file_id = file.id)
      OR EXISTS (SELECT FROM uploads u WHERE u.file_id = file.id
                 AND u.created_at > now() - grace_seconds * interval '1 second')
      OR EXISTS (SELECT FROM drafts d
                 JOIN uploads u ON u.user_id = d.user_id AND u.file_id = file.id
                 WHERE d.body->'files' <> '[]'
                   AND d.body->'files' ? file_url(file.workspace_id, file.hash, file.extension))
      OR EXISTS (SELECT FROM scheduled_messages s
                 JOIN uploads u ON u.user_id = s.user_id AND u.file_id = file.id
                 WHERE s.body->'files' <> '[]'
                   AND s.body->'files' ? file_url(file.workspace_id, file.hash, file.extension))
$$;

-- Marks those of the next `slice` files that are unused; returns how many it looked at: fewer than
-- `slice` mean that it has come to the end, and begins anew. One server at a time; for the others
-- there is nothing to do.
CREATE OR REPLACE FUNCTION mark_unused_files(grace_seconds bigint, slice integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  place bigint;
  ids bigint[];
BEGIN
  SELECT p.marked_through INTO place FROM file_marking p FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  ids := ARRAY(SELECT f.id FROM files f WHERE f.id > place ORDER BY f.id LIMIT slice);
  UPDATE files f SET unused_since = clock_timestamp()
    WHERE f.id = ANY (ids) AND f.unused_since IS NULL AND NOT is_file_used(f, grace_seconds);
  UPDATE file_marking
    SET marked_through = CASE WHEN cardinality(ids) < slice THEN 0 ELSE ids[slice] END;
  RETURN cardinality(ids);
END $$;

-- Takes at most `slice` files that have been unused for `hold_seconds`, an hour at least, so that
-- the calling server makes the store lose their bytes, within a minute, and forgets them then.
CREATE OR REPLACE FUNCTION take_unused_files(
    grace_seconds bigint, hold_seconds bigint, slice integer)
RETURNS TABLE (file_id bigint, workspace_id bigint, hash text, extension text)
LANGUAGE plpgsql AS $$
DECLARE
  locked bigint[];
BEGIN
  locked := ARRAY(
    SELECT f.id FROM files f
    WHERE f.unused_since < now() - greatest(hold_seconds, 3600) * interval '1 second'
      AND (f.removing_since IS NULL OR f.removing_since < now() - interval '10 minutes')
    ORDER BY f.unused_since LIMIT slice FOR UPDATE SKIP LOCKED);
  -- From here on with snapshots of after the locks.
  UPDATE files f SET unused_since = NULL
    WHERE f.id = ANY (locked) AND f.removing_since IS NULL AND is_file_used(f, grace_seconds);
  RETURN QUERY
    UPDATE files f SET removing_since = clock_timestamp()
      WHERE f.id = ANY (locked) AND f.unused_since IS NOT NULL
      RETURNING f.id, f.workspace_id, f.hash, f.extension;
END $$;

-- After the store has lost the bytes of files that were taken: removes the rows, with their
-- uploads. Returns how many.
CREATE OR REPLACE FUNCTION forget_files(ids bigint[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  gone bigint[] := ARRAY(SELECT f.id FROM files f
                         WHERE f.id = ANY (ids) AND f.removing_since IS NOT NULL
                         ORDER BY f.id FOR UPDATE);
BEGIN
  PERFORM FROM upload_totals t
    WHERE t.user_id IN (SELECT u.user_id FROM uploads u WHERE u.file_id = ANY (gone))
    ORDER BY t.user_id FOR NO KEY UPDATE;
  WITH removed AS (
    DELETE FROM uploads u USING files f WHERE f.id = u.file_id AND f.id = ANY (gone)
      RETURNING u.user_id, f.size
  )
  UPDATE upload_totals t SET bytes = t.bytes - r.bytes
    FROM (SELECT x.user_id, sum(x.size)::bigint AS bytes FROM removed x GROUP BY x.user_id) r
    WHERE t.user_id = r.user_id;
  DELETE FROM files f WHERE f.id = ANY (gone);
  RETURN cardinality(gone);
END $$;
