// Messages: where each is put, and what it changes of its chat.
import type { ApiMessage, Id, Reaction } from "../../api/types";
import type { Change } from "../change";
import type { EventTypes } from "../events";
import type { Chat, Message, Window } from "../state";
import { counted, mentions_user, own_id_of, set_chat, want } from "./chats";
import { meet_sender } from "./people";
import { at_seq, place_of, put, with_id, type Rows } from "./rows";

type Shown = Omit<ApiMessage, "sender">;

// Events leave out whose a reaction is; `known` or the list of users tells.
function reactions_of(shown: Shown, known: Message | undefined, own: Id): readonly Reaction[] {
  return shown.reactions.map((kind) => {
    const before = known?.reactions.find((one) => one.emoji === kind.emoji)?.me ?? false;
    const me = kind.me ?? (before || kind.user_ids.includes(own));
    return { emoji: kind.emoji, count: kind.count, me, user_ids: kind.user_ids };
  });
}

export function to_message(shown: Shown, known: Message | undefined, own: Id): Message {
  return {
    id: shown.id,
    chat_id: shown.chat_id,
    sender_id: shown.sender_id,
    seq: shown.seq,
    content: shown.content,
    files: shown.files,
    attachments: shown.attachments,
    mentions: shown.mentions,
    mention_ranges: shown.mention_ranges,
    reply_to: shown.reply_to,
    idempotency_key: shown.idempotency_key,
    created_at: shown.created_at,
    edited_at: shown.edited_at,
    deleted_at: shown.deleted_at,
    reactions: reactions_of(shown, known, own),
    pinned: shown.pinned,
    thread_root_id: shown.thread_root_id,
    also_to_chat: shown.also_to_chat,
    thread: shown.thread,
    version: shown.version,
  };
}

export function tombstone(known: Message, deleted_at: string, version: number): Message {
  return {
    ...known,
    content: "",
    files: [],
    attachments: [],
    mentions: [],
    mention_ranges: [],
    reactions: [],
    pinned: false,
    deleted_at,
    version,
  };
}

// Of a scheduled message: its sender may not have been there.
function is_scheduled(key: string | null): boolean {
  return key?.startsWith("5c4ed01e-") ?? false;
}

interface Noted {
  readonly chat_id: Id;
  readonly sender_id: Id;
  readonly seq: number;
  readonly also_to_chat: boolean;
  readonly idempotency_key: string | null;
}

// A message with a number beyond the chat's last one is new to it, whichever event shows it.
// `message` null: it is deleted already. `before`: what was known of it.
function note_new(
  change: Change,
  known: Chat,
  noted: Noted,
  message: Message | null,
  before: Message | undefined,
): void {
  const own = own_id_of(change);
  const is_new = noted.seq > known.last_seq;
  let chat = is_new ? { ...known, last_seq: noted.seq } : known;
  const mine = noted.sender_id === own;
  if (mine && noted.also_to_chat && !is_scheduled(noted.idempotency_key)) {
    chat = read_by_sending(chat, noted.seq);
    put_divider_below(change, chat.id, noted.seq);
  } else if (is_new && !mine && noted.also_to_chat && message) {
    chat = {
      ...chat,
      unread_count: chat.unread_count + 1,
      mention_count: chat.mention_count + (mentions_user(message, own) ? 1 : 0),
    };
  } else if (!is_new && !mine && noted.also_to_chat && chat.unread_count > 0) {
    // Whether the counts have it as it is now, they do not tell; held messages may.
    const known_already = before !== undefined && message && before.version >= message.version;
    const stale = noted.seq > chat.last_read_seq && !known_already;
    if (stale) chat = { ...chat, counts_stale: true };
  }
  set_chat(change, chat);
}

// What the user has written, on whichever device, is never below the line of what is new.
function put_divider_below(change: Change, chat: Id, seq: number): void {
  const { view } = change.state;
  if (view.chat_id !== chat || view.divider_seq === null || view.divider_seq >= seq) return;
  change.set("view", { ...view, divider_seq: seq });
}

function read_by_sending(chat: Chat, seq: number): Chat {
  if (seq <= chat.read_through) return chat;
  const stale = chat.last_seq > seq;
  return { ...chat, read_through: seq, own_seq: seq, last_read_seq: seq, counts_stale: stale };
}

// Puts a message where it belongs among those that are held.
export function place_message(change: Change, message: Message): void {
  const window = change.state.windows.get(message.chat_id);
  if (window && message.also_to_chat) {
    const rows = place_in(window.rows, message, joins(window));
    if (rows !== window.rows) {
      change.map("windows").set(message.chat_id, { ...window, rows });
    }
  }
  const root = message.thread_root_id;
  const thread = root === null ? undefined : change.state.threads.get(root);
  if (root !== null && thread) {
    const rows = place_in(thread.rows, message, {
      start: thread.status === "ready" && thread.at_start,
      end: thread.status === "ready" && thread.at_end,
    });
    if (rows !== thread.rows) change.map("threads").set(root, { ...thread, rows });
  }
  replace_elsewhere(change, message);
}

interface Ends {
  readonly start: boolean;
  readonly end: boolean;
}

function joins(window: Window): Ends {
  const whole = window.status === "ready" && !window.stale;
  return { start: whole && window.at_start, end: whole && window.at_end };
}

function place_in(rows: Rows, message: Message, ends: Ends): Rows {
  const place = place_of(rows, message.seq);
  const present = rows[place]?.seq === message.seq;
  if (!present && place === 0 && !ends.start && !(rows.length === 0 && ends.end)) return rows;
  if (!present && place === rows.length && !ends.end) return rows;
  return put(rows, message);
}

// A message in the lists, and one that is a thread's root.
function replace_elsewhere(change: Change, message: Message): void {
  const thread = change.state.threads.get(message.id);
  if (thread?.root && thread.root.version < message.version) {
    change.map("threads").set(message.id, { ...thread, root: message });
  }
  for (const [key, list] of change.state.lists) {
    const place = list.rows.findIndex((row) => row.id === message.id);
    const known = list.rows[place];
    if (!known || known.version >= message.version) continue;
    change.map("lists").set(key, { ...list, rows: list.rows.with(place, message) });
  }
}

// Changes a message wherever it is held. `seq` null: the event does not tell it.
export function change_message(
  change: Change,
  chat: Id,
  id: Id,
  seq: number | null,
  to: (message: Message) => Message,
): void {
  const window = change.state.windows.get(chat);
  if (window) {
    const rows = changed(window.rows, id, seq, to);
    if (rows !== window.rows) change.map("windows").set(chat, { ...window, rows });
  }
  for (const [root, thread] of change.state.threads) {
    if (thread.chat_id !== chat) continue;
    const rows = changed(thread.rows, id, seq, to);
    const first = thread.root?.id === id ? to(thread.root) : thread.root;
    if (rows !== thread.rows || first !== thread.root) {
      change.map("threads").set(root, { ...thread, rows, root: first });
    }
  }
  for (const [key, list] of change.state.lists) {
    const rows = changed_in_list(list.rows, id, to);
    if (rows !== list.rows) change.map("lists").set(key, { ...list, rows });
  }
}

function changed(rows: Rows, id: Id, seq: number | null, to: (m: Message) => Message): Rows {
  const known = seq === null ? with_id(rows, id) : at_seq(rows, seq);
  if (!known || known.id !== id) return rows;
  const next = to(known);
  return next === known ? rows : rows.with(place_of(rows, known.seq), next);
}

function changed_in_list(rows: Rows, id: Id, to: (m: Message) => Message): Rows {
  const place = rows.findIndex((row) => row.id === id);
  const known = rows[place];
  if (!known) return rows;
  const next = to(known);
  return next === known ? rows : rows.with(place, next);
}

// What is known of a message, if it is held anywhere.
export function held_message(change: Change, chat: Id, id: Id, seq: number): Message | undefined {
  const window = change.state.windows.get(chat);
  const row = window && at_seq(window.rows, seq);
  if (row) return row;
  for (const thread of change.state.threads.values()) {
    if (thread.root?.id === id) return thread.root;
    const reply = thread.chat_id === chat ? at_seq(thread.rows, seq) : undefined;
    if (reply) return reply;
  }
  return undefined;
}

// The message that was waiting here is there.
export function settle_pending(change: Change, message: Message): void {
  const pending = change.state.outbox.get(message.chat_id);
  const key = message.idempotency_key;
  if (!pending || key === null || message.sender_id !== own_id_of(change)) return;
  const rest = pending.filter((one) => one.key !== key);
  if (rest.length === pending.length) return;
  if (rest.length === 0) change.remove("outbox", message.chat_id);
  else change.map("outbox").set(message.chat_id, rest);
}

// The newest message of the chat's own list: replies in their thread alone do not count.
export function show_as_last(change: Change, chat: Chat, message: Message): void {
  const last = chat.last_message;
  if (!message.also_to_chat || (last && last.seq > message.seq)) return;
  if (last?.seq === message.seq && last.version >= message.version) return;
  set_chat(change, { ...chat, last_message: preview_of(message) });
}

export function preview_of(message: Message): Message {
  if (message.content.length <= 200) return message;
  return { ...message, content: [...message.content.slice(0, 400)].slice(0, 200).join("") };
}

export function apply_message(
  change: Change,
  data: EventTypes["NewMessage"] | EventTypes["MessageUpdated"],
  is_new: boolean,
): void {
  const chat = change.state.chats.get(data.chat_id);
  if (!chat) return want(change, data.chat_id);
  meet_sender(change, data.sender);
  const known = held_message(change, data.chat_id, data.id, data.seq);
  const message = to_message(data, known, own_id_of(change));
  settle_pending(change, message);
  if (!is_new || data.event_id > chat.version) {
    const version = is_new ? data.event_id : chat.version;
    const hidden = chat.hidden && !(is_new && message.also_to_chat);
    note_new(change, { ...chat, version, hidden }, message, message, known);
  }
  place_message(change, message);
  const noted = change.state.chats.get(data.chat_id) as Chat;
  show_as_last(change, noted, message);
  recount(change, data.chat_id);
}

export function recount(change: Change, id: Id): void {
  const chat = change.state.chats.get(id);
  if (chat) set_chat(change, counted(change, chat));
}

export function apply_deletion(change: Change, data: EventTypes["MessageDeleted"]): void {
  const chat = change.state.chats.get(data.chat_id);
  if (!chat) return want(change, data.chat_id);
  const before = held_message(change, data.chat_id, data.id, data.seq);
  if (!before || before.version < data.event_id) note_new(change, chat, data, null, before);
  const to = (message: Message): Message =>
    message.version >= data.event_id
      ? message
      : tombstone(message, data.deleted_at, data.event_id);
  change_message(change, data.chat_id, data.id, data.seq, to);
  const noted = change.state.chats.get(data.chat_id) as Chat;
  const last = noted.last_message;
  if (last?.id === data.id) set_chat(change, { ...noted, last_message: to(last) });
  const now = change.state.chats.get(data.chat_id) as Chat;
  // A message that was never seen: REST shows its tombstone as the last one.
  const newest = data.also_to_chat && (!last || last.seq < data.seq);
  if (newest) set_chat(change, { ...now, last_message: never_seen(data) });
  recount(change, data.chat_id);
}

function never_seen(data: EventTypes["MessageDeleted"]): Message {
  const { id, chat_id, sender_id, seq, thread_root_id, also_to_chat, idempotency_key } = data;
  const known: Message = {
    ...{ id, chat_id, sender_id, seq, thread_root_id, also_to_chat, idempotency_key },
    ...{ content: "", files: [], attachments: [], mentions: [], mention_ranges: [] },
    ...{ reply_to: null, created_at: data.deleted_at, edited_at: null, deleted_at: null },
    ...{ reactions: [], pinned: false, thread: null, version: 0 },
  };
  return tombstone(known, data.deleted_at, data.event_id);
}
