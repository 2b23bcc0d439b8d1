// A server of the reducer's property tests: it changes by actions, logs an event for each, and
// answers as REST does, all in memory. One user's view.
import type { ApiChat, ApiChatSummary, ApiMessage, ApiUser } from "../../../src/api/types";
import type { SyncEvent } from "../../../src/sync/events";

export const own = 1;
export const others = [2, 3];
const time = "2026-03-01T08:00:00Z";

export const own_user: ApiUser = {
  ...{ id: own, workspace_id: 1, fullname: "alice", email: "alice@x.test", status: "Active" },
  ...{ role: "member", avatar_url: null, title: null, bio: null, created_at: time },
};

interface WorldChat {
  readonly id: number;
  name: string;
  members: number[];
  version: number;
  last_seq: number;
  read_seq: number;
  read_version: number;
  muted_until: string | null;
  messages: ApiMessage[];
}

// What happens to a message; `at` chooses it.
interface OnMessage {
  readonly kind: "edit" | "delete" | "pin" | "unread" | "read" | "react";
  readonly chat: number;
  readonly at: number;
  readonly by: number;
  readonly on: boolean;
}
export type Action =
  | { readonly kind: "send"; readonly chat: number; readonly by: number; readonly thread: boolean }
  | OnMessage
  | { readonly kind: "rename" | "leave" | "join" | "mute"; readonly chat: number }
  | { readonly kind: "person"; readonly by: number };

function nested<T extends object>(name: string, id: string, data: T): SyncEvent {
  return { name, id, data: { event: name, ...data } } as unknown as SyncEvent;
}

export class World {
  readonly chats = new Map<number, WorldChat>();
  readonly log: { readonly event: SyncEvent; readonly superseded: () => boolean }[] = [];
  readonly names = new Map<number, string>([own, ...others].map((id) => [id, `user${id}`]));
  #event_id = 0;
  #message_id = 0;

  constructor() {
    for (const id of [1, 2]) {
      this.chats.set(id, {
        ...{ id, name: `chat ${id}`, members: [own, ...others], version: 0, last_seq: 0 },
        ...{ read_seq: 0, read_version: 0, muted_until: null, messages: [] },
      });
    }
  }

  get position(): string {
    return `1-${this.log.length}`;
  }

  #emit(name: string, data: object, superseded: () => boolean = () => false): number {
    const id = `1-${this.log.length + 1}`;
    this.log.push({ event: nested(name, id, { event_id: this.#event_id, ...data }), superseded });
    return this.#event_id;
  }

  #next(): number {
    return ++this.#event_id;
  }

  act(action: Action): void {
    if (action.kind === "person") return this.#rename_person(action.by);
    const chat = this.chats.get(action.chat);
    if (!chat) return;
    if (action.kind === "send") return this.#send(chat, action.by, action.thread);
    if (action.kind === "rename") return this.#rename(chat);
    if (action.kind === "leave") return this.#leave(chat);
    if (action.kind === "join") return this.#join(chat);
    if (!chat.members.includes(own)) return;
    if ("at" in action) this.#on_message(chat, action);
    else this.#mute(chat);
  }

  #on_message(chat: WorldChat, { kind, at, by, on }: OnMessage): void {
    const message = chat.messages[at % Math.max(1, chat.messages.length)];
    if (!message) return;
    if (kind === "read" || kind === "unread") return this.#read(chat, message.seq, kind === "read");
    if (message.deleted_at !== null) return;
    if (kind === "edit") this.#edit(chat, message);
    else if (kind === "delete") this.#delete(chat, message);
    else if (kind === "pin") this.#pin(chat, message);
    else this.#react(chat, message, by, on);
  }

  #replace(chat: WorldChat, message: ApiMessage): void {
    chat.messages = chat.messages.map((one) => (one.id === message.id ? message : one));
  }

  #text_version(chat: WorldChat, id: number): string {
    const message = chat.messages.find((one) => one.id === id);
    return `${message?.content ?? ""}:${message?.deleted_at ?? ""}`;
  }

  // An event that shows the message is superseded by the next one that does.
  #shows(name: string, chat: WorldChat, message: ApiMessage): void {
    const shown = this.#text_version(chat, message.id);
    const reactions = message.reactions.map(({ me: _me, ...kind }) => kind);
    const more = { chat_type: "Group", sender_name: "", type: "new_message" };
    const data = { ...message, reactions, ...more };
    this.#emit(name, data, () => this.#text_version(chat, message.id) !== shown);
  }

  #send(chat: WorldChat, by: number, thread: boolean): void {
    if (!chat.members.includes(by)) return;
    const version = this.#next();
    const root = thread ? chat.messages.find((one) => one.thread_root_id === null) : undefined;
    const id = ++this.#message_id;
    chat.last_seq += 1;
    const message: ApiMessage = {
      ...{ id, chat_id: chat.id, sender_id: by, seq: chat.last_seq, version },
      sender: { id: by, fullname: this.names.get(by) ?? "", avatar_url: null },
      ...{ content: `text ${id}`, files: [], attachments: [], mention_ranges: [] },
      mentions: id % 3 === 0 ? [own] : [],
      ...{ reply_to: root?.id ?? null, thread_root_id: root?.id ?? null, also_to_chat: !root },
      idempotency_key: `00000000-0000-4000-8000-${String(id).padStart(12, "0")}`,
      ...{ created_at: time, edited_at: null, deleted_at: null },
      ...{ reactions: [], pinned: false, thread: null },
    };
    chat.messages = [...chat.messages, message];
    chat.version = version;
    if (by === own && message.also_to_chat) {
      chat.read_seq = chat.last_seq;
      chat.read_version = version;
    }
    this.#shows("NewMessage", chat, message);
  }

  #edit(chat: WorldChat, message: ApiMessage): void {
    const version = this.#next();
    const content = `${message.content}.`;
    const mentions = version % 2 === 0 ? [own] : [];
    const edited = { ...message, content, mentions, edited_at: time, version };
    this.#replace(chat, edited);
    this.#shows("MessageUpdated", chat, edited);
  }

  #delete(chat: WorldChat, message: ApiMessage): void {
    const version = this.#next();
    const gone: ApiMessage = {
      ...{ ...message, version, content: "", mentions: [], reactions: [], pinned: false },
      deleted_at: time,
    };
    this.#replace(chat, gone);
    const { id, chat_id, sender_id, seq, thread_root_id, also_to_chat, idempotency_key } = gone;
    this.#emit("MessageDeleted", {
      ...{ id, chat_id, sender_id, seq, thread_root_id, also_to_chat, idempotency_key },
      ...{ deleted_at: time, version },
    });
  }

  #pin(chat: WorldChat, message: ApiMessage): void {
    const version = this.#next();
    const pinned = !message.pinned;
    this.#replace(chat, { ...message, pinned, version });
    const data = { chat_id: chat.id, message_id: message.id, seq: message.seq, user_id: own };
    this.#emit(pinned ? "MessagePinned" : "MessageUnpinned", data);
  }

  #react(chat: WorldChat, message: ApiMessage, by: number, on: boolean): void {
    const kind = message.reactions.find((one) => one.emoji === "👍");
    const users = kind?.user_ids ?? [];
    if (users.includes(by) === on) return;
    const version = this.#next();
    const user_ids = on ? [...users, by] : users.filter((id) => id !== by);
    const me = user_ids.includes(own);
    const kinds = [{ emoji: "👍", count: user_ids.length, me, user_ids }];
    const reactions = user_ids.length === 0 ? [] : kinds;
    this.#replace(chat, { ...message, reactions, version });
    const data = { chat_id: chat.id, message_id: message.id, seq: message.seq };
    this.#emit(on ? "ReactionAdded" : "ReactionRemoved", { ...data, user_id: by, emoji: "👍" });
  }

  #read(chat: WorldChat, seq: number, forward: boolean): void {
    const to = forward ? Math.max(seq, chat.read_seq) : Math.min(seq - 1, chat.read_seq);
    if (to === chat.read_seq) return;
    chat.read_version = this.#next();
    chat.read_seq = to;
    const data = { chat_id: chat.id, user_id: own, message_id: null, read_at: time };
    this.#emit("MessageRead", { ...data, seq: to, last_seq: chat.last_seq });
  }

  #rename(chat: WorldChat): void {
    chat.version = this.#next();
    chat.name = `${chat.name}.`;
    if (chat.members.includes(own)) this.#emit("ChatUpdated", this.#chat(chat));
  }

  #leave(chat: WorldChat): void {
    if (!chat.members.includes(own)) return;
    chat.version = this.#next();
    chat.members = chat.members.filter((id) => id !== own);
    const users = [{ user_id: own, fullname: "alice", joined_at: time }];
    this.#emit("UserLeftChat", { chat_id: chat.id, users });
  }

  #join(chat: WorldChat): void {
    if (chat.members.includes(own)) return;
    chat.version = this.#next();
    chat.members = [own, ...others];
    chat.read_seq = chat.last_seq;
    chat.read_version = chat.version;
    this.#emit("NewChat", this.#chat(chat));
  }

  #mute(chat: WorldChat): void {
    this.#next();
    chat.muted_until = chat.muted_until === null ? "2100-01-01T00:00:00Z" : null;
    const { muted_until } = chat;
    const data = { chat_id: chat.id, muted_until, mute_mentions: false, hidden: false };
    this.#emit("PreferencesUpdated", data);
  }

  #rename_person(by: number): void {
    this.#next();
    const fullname = `${this.names.get(by) ?? ""}.`;
    this.names.set(by, fullname);
    this.#emit("UserUpdated", { ...own_user, id: by, fullname });
  }

  #chat(chat: WorldChat): ApiChat & { readonly chat_id: number } {
    const rights = { chat_type: "Group", who_may_write: "all", who_may_pin: "all" } as const;
    return {
      ...rights,
      ...{ id: chat.id, chat_id: chat.id, workspace_id: 1, name: chat.name },
      ...{ description: "", created_by: own, owner_id: own, member_count: chat.members.length },
      ...{ chat_members: chat.members, last_seq: chat.last_seq, created_at: time, topic: "" },
      ...{ updated_at: time, archived_at: null, everyone_mentions: true, version: chat.version },
    };
  }

  // GET /api/chat
  list(): readonly ApiChatSummary[] {
    return [...this.chats.values()]
      .filter((chat) => chat.members.includes(own))
      .map((chat): ApiChatSummary => {
        const unread = chat.messages.filter(
          (one) =>
            one.also_to_chat && !one.deleted_at && one.sender_id !== own && one.seq > chat.read_seq,
        );
        const last = chat.messages.findLast((one) => one.also_to_chat);
        const preview = { reactions: [], pinned: false };
        const present = last && { ...last, sender: this.#sender(last), ...preview };
        return {
          ...this.#chat(chat),
          ...{ unread_count: unread.length, last_read_seq: chat.read_seq },
          mention_count: unread.filter((one) => one.mentions.includes(own)).length,
          ...{ read_version: chat.read_version, muted_until: chat.muted_until, is_creator: true },
          counterpart: null,
          last_message: present
            ? { ...present, content_truncated: false, sender_name: "", has_files: false }
            : null,
        };
      });
  }

  #sender(message: ApiMessage): ApiMessage["sender"] {
    const fullname = this.names.get(message.sender_id) ?? "";
    return { id: message.sender_id, fullname, avatar_url: null };
  }

  // GET /api/chat/{id}/messages, the newest first; null: 404
  page(id: number, limit: number, before: number | null): readonly ApiMessage[] | null {
    const chat = this.chats.get(id);
    if (!chat?.members.includes(own)) return null;
    const anchor = chat.messages.find((one) => one.id === before);
    return chat.messages
      .filter((one) => one.also_to_chat && (!anchor || one.seq < anchor.seq))
      .slice(-limit)
      .map((one) => ({ ...one, sender: this.#sender(one) }))
      .toReversed();
  }
}
