// What REST has answered. An answer replaces what was known when it was asked for; the caller
// (core.ts) then applies the events since that moment again.
import type {
  ApiChat,
  ApiChatSummary,
  ApiDraft,
  ApiMember,
  ApiMessage,
  ApiOnlineUser,
  ApiReadState,
  Id,
} from "../../api/types";
import type { Change } from "../change";
import { chats_max, members_max } from "../limits";
import type { Chat, Message } from "../state";
import { chat_fields, counted, drop_chat, own_id_of, set_chat } from "./chats";
import {
  place_message,
  settle_pending,
  show_as_last,
  to_message,
} from "./messages";
import { show_person, show_user } from "./people";

// Messages have their senders' present names.
export function take_messages(change: Change, shown: readonly ApiMessage[]): readonly Message[] {
  const own = own_id_of(change);
  for (const message of shown) show_person(change, message.sender);
  return shown
    .map((message) => to_message(message, undefined, own))
    .toSorted((a, b) => a.seq - b.seq);
}

// An answer that another one, or an event, has overtaken.
function is_older(entry: ApiChatSummary, known: Chat): boolean {
  return (
    entry.version < known.version ||
    entry.read_version < known.read_version ||
    entry.last_seq < known.last_seq
  );
}

function show_entry(change: Change, entry: ApiChatSummary): void {
  const known = change.state.chats.get(entry.id);
  if (!known && change.state.chats.size >= chats_max) return;
  if (known && is_older(entry, known)) return;
  if (entry.counterpart) show_user(change, entry.counterpart);
  const last = entry.last_message;
  if (last) show_person(change, last.sender);
  const chat: Chat = {
    ...chat_fields(entry),
    counterpart_id: entry.counterpart?.id ?? null,
    last_message: last ? to_message(last, undefined, own_id_of(change)) : null,
    unread_count: entry.unread_count,
    mention_count: entry.mention_count,
    counts_stale: false,
    last_read_seq: entry.last_read_seq,
    read_version: entry.read_version,
    read_through: entry.last_seq,
    own_seq: 0,
    muted_until: entry.muted_until,
    mute_mentions: known?.mute_mentions ?? null,
    hidden: false,
  };
  set_chat(change, chat);
}

// `complete`: the list has all chats, so others are not the user's any more, or hidden by the user.
// `asked`: the tick at which the list was asked for.
export function install_chats(
  change: Change,
  entries: readonly ApiChatSummary[],
  complete: boolean,
  asked: number,
): void {
  for (const entry of entries) show_entry(change, entry);
  for (const [id, tick] of change.state.wanted) {
    if (change.state.chats.has(id) || (complete && tick <= asked)) change.remove("wanted", id);
  }
  if (!complete) return;
  const listed = new Set(entries.map((entry) => entry.id));
  for (const id of change.state.chats.keys()) {
    if (!listed.has(id)) drop_chat(change, id);
  }
  change.set("chats_status", "ready");
}

// The chat of an answer to a change of it, which its viewer's fields are not in.
export function install_chat(change: Change, shown: ApiChat): void {
  const known = change.state.chats.get(shown.id);
  if (!known || known.version >= shown.version) return;
  set_chat(change, {
    ...known,
    ...chat_fields(shown),
    name: known.chat_type === "Single" ? known.name : shown.name,
    // A message beyond the known ones comes as an event, which counts it.
    last_seq: known.last_seq,
    // Events of this very change, and of those before it, are still to come.
    version: known.version,
  });
}

export function install_read_state(change: Change, chat: Id, shown: ApiReadState): void {
  const known = change.state.chats.get(chat);
  if (!known || known.last_read_seq !== shown.last_read_seq || !known.counts_stale) return;
  const { unread_count, mention_count } = shown;
  set_chat(change, counted(change, { ...known, unread_count, mention_count, counts_stale: false }));
}

// The answer to a change of one message: sent, edited, reacted to.
export function install_message(change: Change, shown: ApiMessage): void {
  const chat = change.state.chats.get(shown.chat_id);
  if (!chat) return;
  const [message] = take_messages(change, [shown]);
  if (!message) return;
  settle_pending(change, message);
  place_message(change, message);
  show_as_last(change, chat, message);
}

export function install_members(
  change: Change,
  chat: Id,
  list: readonly ApiMember[],
  complete: boolean,
): void {
  if (!change.state.chats.has(chat)) return;
  for (const { user_id, fullname, email, status } of list) {
    show_person(change, { id: user_id, fullname, email, status });
  }
  const members = change.map("members");
  const oldest = members.keys().next();
  if (!members.has(chat) && members.size >= members_max && !oldest.done) {
    members.delete(oldest.value);
  }
  members.set(chat, { chat_id: chat, list, status: "ready", complete });
}

export function install_online(change: Change, online: readonly ApiOnlineUser[]): void {
  const presence = change.map("presence");
  const present = new Set(online.map((user) => user.user_id));
  for (const [id, known] of presence) {
    if (known.status !== "offline" && !present.has(id)) {
      presence.set(id, { ...known, status: "offline" });
    }
  }
  for (const { user_id, fullname, email, status, last_seen, platform } of online) {
    show_person(change, { id: user_id, fullname, email });
    presence.set(user_id, { status, last_seen, platform });
  }
}

// The text of the server's draft, unless a newer one is being written here.
export function install_draft(change: Change, shown: ApiDraft, now_ms: number): void {
  if (!change.state.chats.has(shown.chat_id)) return;
  const key = `chat:${shown.chat_id}` as const;
  const known = change.state.drafts.get(key);
  const empty = shown.content === "" && shown.files.length === 0 && shown.reply_to === null;
  const version = change.state.draft_versions.get(shown.chat_id);
  if (!version || version.version < shown.version) {
    const told = { version: shown.version, deleted: empty };
    change.map("draft_versions").set(shown.chat_id, told);
  }
  if (known && known.version >= shown.version) return;
  if (known?.unsaved) {
    change.map("drafts").set(key, { ...known, version: shown.version });
  } else if (empty) {
    change.remove("drafts", key);
  } else {
    change.map("drafts").set(key, {
      key,
      chat_id: shown.chat_id,
      content: shown.content,
      files: shown.files,
      reply_to: shown.reply_to,
      version: shown.version,
      changed_ms: shown.updated_at ? Date.parse(shown.updated_at) : now_ms,
      unsaved: false,
    });
  }
}

// All drafts of the server: others than these have ended.
export function install_drafts(change: Change, list: readonly ApiDraft[], now_ms: number): void {
  const listed = new Set(list.map((draft) => draft.chat_id));
  for (const draft of list) install_draft(change, draft, now_ms);
  for (const [id, told] of change.state.draft_versions) {
    if (listed.has(id) || told.deleted) continue;
    change.map("draft_versions").set(id, { ...told, deleted: true });
    const draft = change.state.drafts.get(`chat:${id}`);
    if (draft && !draft.unsaved) change.remove("drafts", draft.key);
  }
}
