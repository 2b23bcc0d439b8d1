// Everything that is held has a limit.

// Messages of the open chat, and of another one that stays in memory.
export const open_rows_max = 50_000;
export const rest_rows_max = 200;
export const windows_max = 50;
export const threads_max = 20;
export const page = 50;
// Up to so many unread messages are read before a chat is shown, in one piece with its end. With
// more it opens in its past, at the first of them.
export const unread_rows_max = 250;

// In the browser's store: chats with their newest messages.
export const stored_windows_max = 50;
export const stored_rows_max = 50;

export const outbox_max = 500;
export const outbox_bytes_max = 4 * 1024 * 1024;
export const drafts_max = 500;
export const content_max = 10_000; // code points, as the server counts
export const files_max = 20;

export const people_max = 10_000;
export const members_max = 20; // chats whose members are held
export const presence_max = 5_000;
export const typing_max = 20; // people of a chat
// Events that are applied again over answers that were asked for before them.
export const journal_max = 5_000;
export const chats_max = 5_000;
export const wanted_max = 200;
export const read_by_max = 20; // chats

// What the leader keeps of the stream for tabs that come, and for its successor.
export const ring_events_max = 2_000;
export const ring_bytes_max = 4 * 1024 * 1024;

export const uploads_at_once = 3;
export const chunk_bytes = 1024 * 1024;
// In the browser's store, for the time after a restart: larger ones have to be chosen again.
export const stored_upload_bytes_max = 256 * 1024 * 1024;
export const stored_uploads_max = 20;

export const people_stored_max = 2_000;
