// What a user sees, in one form, from the client's state and from REST.
import type { ApiChatSummary, ApiDraft, ApiMessage, ApiUser } from "../../../src/api/types";
import { chat_name, own_id } from "../../../src/sync/selectors";
import type { Message, State } from "../../../src/sync/state";

type Shown = Record<string, unknown>;

function shown_message(message: Message): Shown {
  return {
    ...message,
    // Tombstones that were never seen have no text of their own in either.
    reactions: message.reactions.map((kind) => ({
      ...{ emoji: kind.emoji, count: kind.count, me: kind.me ?? false, users: kind.user_ids },
    })),
  };
}

function by_id(messages: readonly Message[]): Shown {
  const present = messages.filter((message) => message.deleted_at === null);
  return Object.fromEntries(present.map((message) => [message.id, shown_message(message)]));
}

const chat_keys = [
  ...["id", "workspace_id", "chat_type", "description", "created_by", "owner_id"],
  ...["member_count", "chat_members", "last_seq", "created_at", "updated_at", "topic"],
  ...["archived_at", "who_may_write", "who_may_pin", "everyone_mentions", "unread_count"],
  ...["mention_count", "last_read_seq", "muted_until"],
] as const;

function shown_chat(chat: object, name: string): Shown {
  const known = chat as Shown;
  return { name, ...Object.fromEntries(chat_keys.map((key) => [key, known[key]])) };
}

function shown_last({ id, content, deleted_at }: Message): Shown {
  return { id, content, deleted: deleted_at !== null };
}

// `with_messages`: the chats whose window is held, so that REST is asked for the same.
export function by_events(state: State): { shown: Shown; with_messages: number[] } {
  const chats: Shown = {};
  const with_messages: number[] = [];
  for (const chat of state.chats.values()) {
    if (chat.hidden) continue;
    const entry = shown_chat(chat, chat_name(chat, state.people));
    const last = chat.last_message;
    entry["last"] = last && shown_last(last);
    const window = state.windows.get(chat.id);
    if (window && window.status === "ready" && !window.stale && window.at_end) {
      with_messages.push(chat.id);
      entry["messages"] = by_id(window.rows);
    }
    chats[String(chat.id)] = entry;
  }
  const drafts = [...state.draft_versions].filter(([, told]) => !told.deleted);
  return {
    shown: { chats, drafts: Object.fromEntries(drafts.map(([id, told]) => [id, told.version])) },
    with_messages,
  };
}

export function by_rest(
  entries: readonly ApiChatSummary[],
  messages: ReadonlyMap<number, readonly ApiMessage[]>,
  drafts: readonly ApiDraft[],
): Shown {
  const chats: Shown = {};
  for (const chat of entries) {
    const entry = shown_chat(chat, chat.name);
    const last = chat.last_message;
    entry["last"] = last && shown_last(last);
    const rows = messages.get(chat.id);
    if (rows) entry["messages"] = by_id(rows.map(without_sender));
    chats[String(chat.id)] = entry;
  }
  return { chats, drafts: Object.fromEntries(drafts.map((one) => [one.chat_id, one.version])) };
}

function without_sender({ sender: _sender, ...message }: ApiMessage): Message {
  return message;
}

// Of people that share a chat with the user, the present names.
export function names(state: State, people: readonly ApiUser[]): [Shown, Shown] {
  const own = own_id(state);
  const shared = new Set([...state.chats.values()].flatMap((chat) => [...chat.chat_members]));
  const known = people.filter(({ id }) => id !== own && shared.has(id) && state.people.has(id));
  return [
    Object.fromEntries(known.map(({ id }) => [id, state.people.get(id)?.fullname])),
    Object.fromEntries(known.map(({ id, fullname }) => [id, fullname])),
  ];
}

// As JSON with the members of objects in one order.
function in_order(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

// Where two of them differ, as lines.
export function differences(events: unknown, rest: unknown, path = ""): string[] {
  if (in_order(events) === in_order(rest)) return [];
  const both = [events, rest];
  if (both.some((side) => typeof side !== "object" || side === null || Array.isArray(side))) {
    return [`${path}: ${JSON.stringify(events)} by events, ${JSON.stringify(rest)} by REST`];
  }
  const [a, b] = both as [Shown, Shown];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differences(a[key], b[key], `${path}/${key}`));
}
