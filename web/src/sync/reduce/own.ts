// What concerns the user alone: reading, preferences, drafts, threads; and what passes by:
// presence, typing, how far others have read.
import type { Change } from "../change";
import type { EventTypes } from "../events";
import { presence_max, read_by_max, typing_max } from "../limits";
import type { Chat, ListKey } from "../state";
import { counted, own_id_of, set_chat, want } from "./chats";

// Of an event that was emitted before an own message, which has come first, only the id counts.
export function apply_read(change: Change, data: EventTypes["MessageRead"]): void {
  const chat = change.state.chats.get(data.chat_id);
  if (!chat) return;
  if (data.user_id !== own_id_of(change)) return note_reader(change, data);
  if (chat.read_version >= data.event_id) return;
  const known = { ...chat, read_version: data.event_id };
  if (chat.own_seq > data.last_seq) return set_chat(change, known);
  const read_through = Math.max(chat.read_through, data.last_seq);
  set_chat(change, read_up_to(change, { ...known, read_through }, data.seq));
}

// With another number the counts are others: 0, those of the held messages, or to be asked for.
export function read_up_to(change: Change, chat: Chat, seq: number): Chat {
  if (seq === chat.last_read_seq) return chat;
  return counted(change, { ...chat, last_read_seq: seq, counts_stale: true });
}

function note_reader(change: Change, data: EventTypes["MessageRead"]): void {
  const known = change.state.read_by.get(data.chat_id);
  if ((known?.get(data.user_id) ?? 0) >= data.seq) return;
  const read_by = change.map("read_by");
  const oldest = read_by.keys().next();
  if (!known && read_by.size >= read_by_max && !oldest.done) read_by.delete(oldest.value);
  read_by.set(data.chat_id, new Map(known).set(data.user_id, data.seq));
}

export function apply_preferences(change: Change, data: EventTypes["PreferencesUpdated"]): void {
  if (data.chat_id === undefined) {
    const before = change.state.preferences;
    change.set("preferences", {
      notifications: data.notifications ?? before?.notifications ?? "all",
      show_read: data.show_read ?? before?.show_read ?? true,
      custom_status: data.custom_status ?? null,
    });
    return;
  }
  const chat = change.state.chats.get(data.chat_id);
  if (!chat) {
    if (data.hidden === false) want(change, data.chat_id);
    return;
  }
  set_chat(change, {
    ...chat,
    muted_until: data.muted_until ?? null,
    mute_mentions: data.mute_mentions ?? chat.mute_mentions,
    hidden: data.hidden ?? chat.hidden,
  });
}

// Which version of the draft the server has. Its text is read by REST where it is another one.
export function apply_draft(change: Change, data: EventTypes["DraftUpdated"]): void {
  if (!change.state.chats.has(data.chat_id)) return;
  const known = change.state.draft_versions.get(data.chat_id);
  if (known && known.version >= data.event_id) return;
  change.map("draft_versions").set(data.chat_id, {
    version: data.event_id,
    deleted: data.deleted,
  });
  const draft = change.state.drafts.get(`chat:${data.chat_id}`);
  if (!data.deleted || !draft || draft.version >= data.event_id) return;
  // What is being written here stays, as a change of the draft that has ended.
  if (draft.unsaved) change.map("drafts").set(draft.key, { ...draft, version: data.event_id });
  else change.remove("drafts", draft.key);
}

export function apply_follow(change: Change, data: EventTypes["ThreadFollowUpdated"]): void {
  const thread = change.state.threads.get(data.message_id);
  if (thread && thread.follow_version < data.event_id) {
    change.map("threads").set(data.message_id, {
      ...thread,
      following: data.following,
      last_read_seq: data.last_read_seq,
      follow_version: data.event_id,
    });
  }
  mark_list(change, "threads");
}

export function mark_list(change: Change, key: ListKey): void {
  const list = change.state.lists.get(key);
  if (list && !list.stale) change.map("lists").set(key, { ...list, stale: true });
}

export function apply_typing(
  change: Change,
  data: EventTypes["TypingStatus"],
  now_ms: number,
): void {
  const known = change.state.typing.get(data.chat_id) ?? [];
  const others = known.filter((one) => one.user_id !== data.user_id && one.expires_ms > now_ms);
  const expires_ms = Math.min(Date.parse(data.expires_at), now_ms + 15_000);
  const types = data.is_typing && expires_ms > now_ms && others.length < typing_max;
  if (!types && others.length === 0) return change.remove("typing", data.chat_id);
  const { user_id, user_name } = data;
  change
    .map("typing")
    .set(data.chat_id, types ? [...others, { user_id, user_name, expires_ms }] : others);
}

export function stop_typing(change: Change, chat: number, user: number): void {
  const known = change.state.typing.get(chat);
  if (!known?.some((one) => one.user_id === user)) return;
  const others = known.filter((one) => one.user_id !== user);
  if (others.length === 0) change.remove("typing", chat);
  else change.map("typing").set(chat, others);
}

// Of those whose time is over; whether others go on.
export function prune_typing(change: Change, now_ms: number): boolean {
  let more = false;
  for (const [chat, people] of change.state.typing) {
    const others = people.filter((one) => one.expires_ms > now_ms);
    more ||= others.length > 0;
    if (others.length === 0) change.remove("typing", chat);
    else if (others.length < people.length) change.map("typing").set(chat, others);
  }
  return more;
}

export function apply_presence(change: Change, data: EventTypes["UserPresence"]): void {
  const { presence } = change.state;
  if (!presence.has(data.user_id) && presence.size >= presence_max) return;
  const { status, last_seen, platform } = data;
  change.map("presence").set(data.user_id, { status, last_seen, platform });
}
