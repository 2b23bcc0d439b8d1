// Chats: what their events show, and their counts.
import type { ApiChat, Id } from "../../api/types";
import type { Change } from "../change";
import type { EventTypes } from "../events";
import { wanted_max } from "../limits";
import type { Chat, Message, Window } from "../state";
import { place_of } from "./rows";
import { show_person } from "./people";

export function own_id_of(change: Change): Id {
  const { session } = change.state;
  return session.status === "signed_in" ? session.user.id : 0;
}

// An event speaks of a chat that is not known: it is read by REST.
export function want(change: Change, chat: Id): void {
  const wanted = change.map("wanted");
  if (wanted.size >= wanted_max && !wanted.has(chat)) return;
  wanted.set(chat, change.state.tick);
}

export function set_chat(change: Change, chat: Chat): void {
  if (change.state.chats.get(chat.id) !== chat) change.map("chats").set(chat.id, chat);
}

// All that is known of a chat is gone: the privacy fence. What is asked for by REST meanwhile is of
// no use then, since the events are applied again over it.
export function drop_chat(change: Change, id: Id): void {
  change.remove("chats", id);
  change.remove("windows", id);
  change.remove("members", id);
  change.remove("typing", id);
  change.remove("read_by", id);
  change.remove("wanted", id);
  change.remove("outbox", id);
  change.remove("draft_versions", id);
  change.remove("lists", `pins:${id}`);
  for (const [root, thread] of change.state.threads) {
    if (thread.chat_id === id) change.remove("threads", root);
  }
  for (const [key, draft] of change.state.drafts) {
    if (draft.chat_id === id) change.remove("drafts", key);
  }
  for (const [key, list] of change.state.lists) {
    const rows = list.rows.filter((row) => row.chat_id !== id);
    if (rows.length < list.rows.length) change.map("lists").set(key, { ...list, rows });
  }
  const { search, view } = change.state;
  if (search.hits.some((hit) => hit.chat_id === id)) {
    change.set("search", { ...search, hits: search.hits.filter((hit) => hit.chat_id !== id) });
  }
  if (view.chat_id === id) {
    change.set("view", { ...view, chat_id: null, thread_root_id: null, divider_seq: null });
  }
}

export function mentions_user(message: Message, user: Id): boolean {
  return (
    message.mentions.includes(user) ||
    message.mention_ranges.some((range) => typeof range.user_id === "string")
  );
}

function is_unread(chat: Chat, message: Message, own: Id): boolean {
  return (
    message.deleted_at === null &&
    message.also_to_chat &&
    message.sender_id !== own &&
    message.seq > chat.last_read_seq
  );
}

// Whether the window has every message that may be unread.
function covers(window: Window | undefined, chat: Chat): window is Window {
  if (!window || window.stale || window.status !== "ready" || !window.at_end) return false;
  const first = window.rows[0];
  return window.at_start || (first !== undefined && first.seq <= chat.last_read_seq + 1);
}

// The chat with its counts as the held messages show them; where these do not suffice, with a
// guess, and marked for reading again.
export function counted(change: Change, chat: Chat, guess: Chat = chat): Chat {
  if (chat.last_read_seq >= chat.last_seq) return with_counts(chat, 0, 0, false);
  const window = change.state.windows.get(chat.id);
  if (!covers(window, chat)) {
    return with_counts(chat, guess.unread_count, guess.mention_count, guess.counts_stale);
  }
  const own = own_id_of(change);
  let [unread, mentions] = [0, 0];
  for (let i = place_of(window.rows, chat.last_read_seq + 1); i < window.rows.length; ++i) {
    const message = window.rows[i] as Message;
    if (!is_unread(chat, message, own)) continue;
    unread += 1;
    if (mentions_user(message, own)) mentions += 1;
  }
  return with_counts(chat, unread, mentions, false);
}

function with_counts(chat: Chat, unread: number, mentions: number, stale: boolean): Chat {
  if (
    chat.unread_count === unread &&
    chat.mention_count === mentions &&
    chat.counts_stale === stale
  ) {
    return chat;
  }
  return { ...chat, unread_count: unread, mention_count: mentions, counts_stale: stale };
}

// The fields that an event about a chat shows.
export function chat_fields(data: ApiChat): ApiChat {
  return {
    id: data.id,
    workspace_id: data.workspace_id,
    name: data.name,
    chat_type: data.chat_type,
    description: data.description,
    created_by: data.created_by,
    owner_id: data.owner_id,
    member_count: data.member_count,
    chat_members: data.chat_members,
    last_seq: data.last_seq,
    created_at: data.created_at,
    updated_at: data.updated_at,
    topic: data.topic,
    archived_at: data.archived_at,
    who_may_write: data.who_may_write,
    who_may_pin: data.who_may_pin,
    everyone_mentions: data.everyone_mentions,
    version: data.version,
  };
}

export function apply_chat(change: Change, data: EventTypes["NewChat"]): void {
  const known = change.state.chats.get(data.chat_id);
  if (!known) return want(change, data.chat_id);
  if (known.version >= data.event_id) return;
  const shown = chat_fields(data);
  const single = shown.chat_type === "Single";
  set_chat(change, {
    ...known,
    ...shown,
    name: single ? known.name : shown.name,
    chat_members: single ? known.chat_members : shown.chat_members,
    last_seq: Math.max(known.last_seq, shown.last_seq),
    version: Math.max(shown.version, data.event_id),
  });
  forget_members(change, data.chat_id); // roles may have changed
}

export function forget_members(change: Change, chat: Id): void {
  const members = change.state.members.get(chat);
  if (members && members.status !== "idle") {
    change.map("members").set(chat, { ...members, status: "idle" });
  }
}

type Membership = EventTypes["UserJoinedChat"];

export function apply_left(change: Change, data: Membership): void {
  const own = own_id_of(change);
  const gone = data.users?.map((person) => person.user_id);
  if (!gone || gone.includes(own)) return drop_chat_by_event(change, data);
  const known = change.state.chats.get(data.chat_id);
  if (!known || known.version >= data.event_id) return;
  set_members(change, known, data.event_id, (members) =>
    members.filter((id) => !gone.includes(id)),
  );
}

export function apply_deleted(change: Change, data: EventTypes["ChatDeleted"]): void {
  drop_chat_by_event(change, data);
}

// A removal that was before the present membership is in the list of chats already.
function drop_chat_by_event(change: Change, data: { chat_id: Id; event_id: number }): void {
  const known = change.state.chats.get(data.chat_id);
  if (known && known.version >= data.event_id) return;
  drop_chat(change, data.chat_id);
}

export function apply_joined(change: Change, data: Membership): void {
  const people = data.users ?? [];
  for (const person of people) {
    show_person(change, { id: person.user_id, fullname: person.fullname });
  }
  const known = change.state.chats.get(data.chat_id);
  if (!known || known.version >= data.event_id) return;
  const joined = people.map((person) => person.user_id);
  set_members(change, known, data.event_id, (members) =>
    [...new Set([...members, ...joined])].toSorted((a, b) => a - b),
  );
}

// Chats whose events list people are small: the list is whole.
function set_members(
  change: Change,
  known: Chat,
  version: number,
  change_list: (members: readonly Id[]) => readonly Id[],
): void {
  const chat_members = change_list(known.chat_members);
  set_chat(change, { ...known, chat_members, member_count: chat_members.length, version });
  forget_members(change, known.id);
}
