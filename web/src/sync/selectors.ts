// What the pages show, derived from the state. Each result is the same object as long as what it is
// made of is.
import type { Id } from "../api/types";
import type { Chat, Message, Pending, Person, State, Window } from "./state";

// The result for the latest arguments is kept.
function remember<A extends readonly unknown[], R>(compute: (...args: A) => R): (...args: A) => R {
  let last: { args: A; result: R } | null = null;
  return (...args) => {
    const known = last;
    if (known && known.args.every((arg, i) => Object.is(arg, args[i]))) return known.result;
    const result = compute(...args);
    last = { args, result };
    return result;
  };
}

export function own_id(state: State): Id | null {
  return state.session.status === "signed_in" ? state.session.user.id : null;
}

export function activity_of(chat: Chat): string {
  return chat.last_message?.created_at ?? chat.created_at;
}

// Without hidden ones, the most recently active first.
const ordered = remember((chats: State["chats"]): readonly Chat[] =>
  [...chats.values()]
    .filter((chat) => !chat.hidden)
    .toSorted((a, b) => {
      const [x, y] = [activity_of(a), activity_of(b)];
      if (x !== y) return x < y ? 1 : -1;
      return b.id - a.id;
    }),
);
export const chat_list = (state: State): readonly Chat[] => ordered(state.chats);

export function is_muted(chat: Chat, now_ms: number): boolean {
  return chat.muted_until !== null && Date.parse(chat.muted_until) > now_ms;
}

// Over all chats: muted ones count by their mentions alone, unless these are muted, too.
export interface Totals {
  readonly unread: number;
  readonly mentions: number;
}
const summed = remember((chats: State["chats"]): Totals => {
  let unread = 0;
  let mentions = 0;
  const now = Date.now();
  for (const chat of chats.values()) {
    const muted = is_muted(chat, now);
    if (chat.hidden || (muted && chat.mute_mentions === true)) continue;
    if (!muted) unread += chat.unread_count;
    mentions += chat.mention_count;
  }
  return { unread, mentions };
});
export const totals = (state: State): Totals => summed(state.chats);

// A Single bears the other member's name.
export function chat_name(chat: Chat, people: State["people"]): string {
  if (chat.chat_type !== "Single") return chat.name;
  const other = chat.counterpart_id === null ? undefined : people.get(chat.counterpart_id);
  return other?.fullname ?? chat.name;
}

export function person_name(people: State["people"], id: Id): string {
  return people.get(id)?.fullname ?? "";
}

// A row of a chat: a message, or one that is being sent. `key` stays the same when one becomes the
// other.
export type Row =
  | { readonly kind: "message"; readonly key: string; readonly message: Message }
  | { readonly kind: "pending"; readonly key: string; readonly pending: Pending };

export function row_key(message: Message): string {
  return message.idempotency_key ?? `m${message.id}`;
}

const row_cache = new WeakMap<Message, Row>();
function message_row(message: Message): Row {
  let row = row_cache.get(message);
  if (!row) {
    row = { kind: "message", key: row_key(message), message };
    row_cache.set(message, row);
  }
  return row;
}
const pending_cache = new WeakMap<Pending, Row>();
function pending_row(pending: Pending): Row {
  let row = pending_cache.get(pending);
  if (!row) {
    row = { kind: "pending", key: pending.key, pending };
    pending_cache.set(pending, row);
  }
  return row;
}

const no_rows: readonly Row[] = [];

// With the pending messages at the end, where the end is held. Those whose message has come are
// left out already: the reducer takes both in one step.
const chat_rows = remember(
  (window: Window | undefined, pending: readonly Pending[] | undefined): readonly Row[] => {
    if (!window) return (pending ?? []).filter((one) => one.also_to_chat).map(pending_row);
    const rows = window.rows.map(message_row);
    if (!pending || !window.at_end) return rows;
    return rows.concat(pending.filter((one) => one.also_to_chat).map(pending_row));
  },
);
export function rows_of(state: State, chat: Id | null): readonly Row[] {
  return chat === null ? no_rows : chat_rows(state.windows.get(chat), state.outbox.get(chat));
}

const thread_rows = remember(
  (rows: readonly Message[], pending: readonly Pending[] | undefined, root: Id): readonly Row[] =>
    rows
      .map(message_row)
      .concat((pending ?? []).filter((one) => one.thread_root_id === root).map(pending_row)),
);
export function thread_rows_of(state: State, root: Id | null): readonly Row[] {
  const thread = root === null ? undefined : state.threads.get(root);
  if (!thread) return no_rows;
  return thread_rows(thread.rows, state.outbox.get(thread.chat_id), thread.root_id);
}

export function seen_by(state: State, chat: Id, seq: number): readonly Id[] {
  const own = own_id(state);
  const read = state.read_by.get(chat);
  if (!read) return [];
  return [...read].filter(([id, at]) => at >= seq && id !== own).map(([id]) => id);
}

export type { Person };
