-- Search in PostgreSQL (docs/adr/0010). The server makes words of a text; they are stored and
-- matched here.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- One row: which generation of the index is served, and which one is being built. A generation is
-- one build of the index: while the next one is built beside it, both are written and `serving` is
-- queried.
CREATE TABLE search_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  serving integer NOT NULL DEFAULT 1,
  serving_version integer NOT NULL DEFAULT 0,   -- of the rules that make words; 0: never built
  building integer,                             -- the next generation; NULL: none is being built
  building_version integer,
  built_up_to bigint NOT NULL DEFAULT 0,        -- the newest message in the generation being built
  epoch bigint NOT NULL DEFAULT 0,              -- of the stream, as far as it has been indexed
  words_removed bigint NOT NULL DEFAULT 0,      -- grows when words leave the vocabulary
  CHECK ((building IS NULL) = (building_version IS NULL)),
  CHECK (building > serving)
);
INSERT INTO search_state DEFAULT VALUES;

-- A message in the index. Beside its words, `words` holds keys, which contain a colon and so are no
-- words: w:<generation>:<workspace>, c:<generation>:<chat>, s:<generation>:<slice of ids>,
-- u:<sender>, has:file, has:link. One index answers all conditions, and for a frequent word reads
-- only the part that lies in the chats or in the slices of a query. There is no foreign key: the
-- index may lag behind, and a query checks every hit against the messages.
CREATE TABLE search_documents (
  generation integer NOT NULL,
  message_id bigint NOT NULL,
  workspace_id bigint NOT NULL,
  chat_id bigint NOT NULL,
  sender_id bigint NOT NULL,
  created_at timestamptz NOT NULL,
  version timestamptz NOT NULL,  -- when the text was written: an older version never replaces it
  words tsvector NOT NULL,       -- empty: the message is deleted
  PRIMARY KEY (generation, message_id)
) WITH (toast_tuple_target = 128);
-- Out of line: the words are read only to check a phrase, and without them a page holds ten times
-- as many rows.
ALTER TABLE search_documents ALTER COLUMN words SET STORAGE EXTERNAL;
CREATE INDEX idx_search_documents_words ON search_documents USING gin (words)
  WITH (gin_pending_list_limit = 256);

-- The words of a workspace, as candidates for misspelt ones.
CREATE TABLE search_words (
  workspace_id bigint NOT NULL REFERENCES workspaces (id),
  word text NOT NULL CHECK (char_length(word) <= 64),
  PRIMARY KEY (workspace_id, word)
);
CREATE INDEX idx_search_words_trigrams ON search_words USING gin (workspace_id, word gin_trgm_ops);

-- Words that left a document of their workspace: removed from the vocabulary when no other document
-- has them (cleanup_stale_words).
CREATE TABLE search_stale_words (
  workspace_id bigint NOT NULL REFERENCES workspaces (id),
  word text NOT NULL,
  PRIMARY KEY (workspace_id, word)
);

-- How many words each workspace has: their number has a limit, and counting them takes long.
CREATE TABLE search_vocabularies (
  workspace_id bigint PRIMARY KEY REFERENCES workspaces (id),
  words integer NOT NULL DEFAULT 0 CHECK (words >= 0)
);

-- One document to index, in JSON from the server.
CREATE TYPE search_document AS (
  message_id bigint,
  workspace_id bigint,
  chat_id bigint,
  sender_id bigint,
  created_at bigint,  -- microseconds since 1970
  version bigint,     -- microseconds since 1970
  words text,         -- in tsvector's text form; NULL: the message is deleted
  traits text         -- the keys that every generation has, in tsvector's text form
);
