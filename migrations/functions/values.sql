-- Conversions. Views call these functions, so this file is applied before the views.

-- A time as the API and the events write it.
CREATE OR REPLACE FUNCTION rfc3339(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- int64 microseconds since 1970, as the repositories read times.
CREATE OR REPLACE FUNCTION unix_micros(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT (extract(epoch FROM moment) * 1000000)::bigint
$$;

-- The reverse, exactly: an interval is multiplied as a double, which has room for the seconds only.
CREATE OR REPLACE FUNCTION from_unix_micros(micros bigint)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT 'epoch'::timestamptz + micros / 1000000 * interval '1 second'
         + micros % 1000000 * interval '1 microsecond'
$$;

-- What a message takes, for the quotas: the bytes of its text and its files' URLs.
CREATE OR REPLACE FUNCTION stored_bytes(content text, files text[])
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT (octet_length(content) + octet_length(array_to_string(files, '')))::bigint
$$;

-- Whether a text has more characters, and its first ones. Counting characters takes long: mostly the
-- bytes say it already, for which the text is not read. A character has four at most.
CREATE OR REPLACE FUNCTION has_more_characters(content text, characters integer)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN octet_length(content) <= characters THEN false
              WHEN octet_length(content) > 4 * characters THEN true
              ELSE char_length(content) > characters END
$$;
CREATE OR REPLACE FUNCTION first_characters(content text, characters integer)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN octet_length(content) <= characters THEN content
              ELSE left(content, characters) END
$$;

-- Where clients find a file. The reverse: fechatter_core/file/file_url.hpp.
CREATE OR REPLACE FUNCTION file_url(workspace bigint, hash text, extension text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT '/files/' || workspace || '/' || substr(hash, 1, 3) || '/' || substr(hash, 4, 3) || '/'
         || hash || '.' || extension
$$;

-- Whether thumbnails are made of files of this type: those that media_type.cpp has as pictures.
CREATE OR REPLACE FUNCTION is_picture(media_type text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT media_type IN ('image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif',
                        'image/heic', 'image/tiff')
$$;

-- Where clients find the small thumbnail of a file; NULL while there is none.
CREATE OR REPLACE FUNCTION thumbnail_url(file files) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE file.thumbnail_state WHEN 'ready' THEN
    file_url(file.workspace_id, file.hash, file.extension) || '?size=360' END
$$;

-- A file of a message as the API and the events write it. With the longest values it has less than
-- 1,000 bytes.
CREATE OR REPLACE FUNCTION attachment_json(file files, name text)
RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'url', file_url(file.workspace_id, file.hash, file.extension), 'name', name,
    'mime_type', file.media_type, 'size', file.size, 'width', file.width, 'height', file.height,
    'duration', NULL, 'thumbnail_url', thumbnail_url(file), 'blurhash', file.blurhash,
    'status', CASE file.thumbnail_state WHEN 'none' THEN 'ready' ELSE file.thumbnail_state END)
$$;

-- A chat's type as the API and the events write it.
CREATE OR REPLACE FUNCTION chat_type_name(type chat_type) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE type WHEN 'single' THEN 'Single' WHEN 'group' THEN 'Group'
                   WHEN 'private_channel' THEN 'PrivateChannel'
                   WHEN 'public_channel' THEN 'PublicChannel' END
$$;

-- The idempotency key of a scheduled message: its id, as a UUID of version 8 (RFC 9562, 5.8).
CREATE OR REPLACE FUNCTION scheduled_key(scheduled bigint)
RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT ('5c4ed01e-' || substr(lpad(to_hex(scheduled), 16, '0'), 1, 4) || '-8000-8000-'
          || substr(lpad(to_hex(scheduled), 16, '0'), 5))::uuid
$$;
