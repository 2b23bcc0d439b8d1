// Pages of messages, put into the windows that are held.
import type { ApiMessage, ApiThread, Id } from "../../api/types";
import type { Change } from "../change";
import { open_rows_max, rest_rows_max, threads_max, windows_max } from "../limits";
import type { LoadStatus, Message, ThreadWindow, Window } from "../state";
import { counted, set_chat } from "./chats";
import { take_messages } from "./rest";
import { merge, type Rows } from "./rows";

export type Side = "end" | "before" | "after" | "around" | "around_seq";

export interface Page {
  readonly side: Side;
  // The message that the page was asked for by, or a seq; null: the page of the end.
  readonly anchor: Id | null;
  readonly messages: readonly ApiMessage[];
  readonly limit: number;
  readonly cut: boolean; // its bytes ended it
}

const no_window: Omit<Window, "chat_id"> = {
  rows: [],
  at_start: false,
  at_end: false,
  status: "idle",
  older: "idle",
  newer: "idle",
  stale: false,
  focus: null,
};

export function edit_window(change: Change, chat: Id, fields: Partial<Window>): void {
  if (!change.state.chats.has(chat)) return;
  const known = change.state.windows.get(chat) ?? { ...no_window, chat_id: chat };
  change.map("windows").set(chat, { ...known, ...fields });
}

export function set_load(change: Change, chat: Id, side: Side, status: LoadStatus): void {
  const field = side === "before" ? "older" : side === "after" ? "newer" : "status";
  edit_window(change, chat, { [field]: status });
}

// Returns false for a page that has nothing to do with the window any more.
export function install_page(change: Change, chat: Id, page: Page): boolean {
  if (!change.state.chats.has(chat)) return false;
  const known = change.state.windows.get(chat) ?? { ...no_window, chat_id: chat };
  const rows = take_messages(change, page.messages);
  const window = with_page(known, rows, page);
  if (!window) return false;
  change.map("windows").set(chat, window);
  const now = change.state.chats.get(chat);
  if (now) set_chat(change, counted(change, now));
  return true;
}

function with_page(known: Window, rows: Rows, page: Page): Window | null {
  const short = rows.length < page.limit && !page.cut;
  switch (page.side) {
    case "end": {
      const base = { ...known, at_end: true, status: "ready", stale: false } as const;
      return meets(known, rows)
        ? { ...base, rows: merge(known.rows, rows) }
        : { ...base, rows, at_start: short, older: "idle", newer: "idle" };
    }
    case "around":
    case "around_seq":
      return { ...known, ...ends_around(rows, page), rows, status: "ready", stale: false };
    case "before":
      if (known.stale || known.rows[0]?.id !== page.anchor) return null;
      return { ...known, rows: merge(rows, known.rows), at_start: short, older: "idle" };
    case "after":
      if (known.stale || known.rows.at(-1)?.id !== page.anchor) return null;
      return { ...known, rows: merge(known.rows, rows), at_end: short, newer: "idle" };
  }
}

// Whether the newest page continues what is held, which then stays.
function meets(known: Window, rows: Rows): boolean {
  const last = known.rows.at(-1);
  const first = rows[0];
  if (known.stale || known.status !== "ready" || !last || !first) return false;
  return first.seq <= last.seq + 1;
}

// The page has the message, as many newer ones as half of it, and older ones. A seq need not be that
// of a message that is shown.
function ends_around(rows: Rows, page: Page): Partial<Window> {
  const place =
    page.side === "around_seq"
      ? rows.findLastIndex((row) => row.seq <= (page.anchor ?? 0))
      : rows.findIndex((row) => row.id === page.anchor);
  const newer_max = Math.floor(page.limit / 2);
  const newer = rows.length - 1 - place;
  return {
    at_start: !page.cut && place + 1 < page.limit - newer_max,
    at_end: !page.cut && newer < newer_max,
    older: "idle",
    newer: "idle",
  };
}

// The rows that are held at most: what is farther away from the end that was asked for goes.
export function trim_window(change: Change, chat: Id, keep: "start" | "end"): void {
  const window = change.state.windows.get(chat);
  if (!window || window.rows.length <= open_rows_max) return;
  const over = window.rows.length - open_rows_max;
  const cut: Partial<Window> =
    keep === "end"
      ? { rows: window.rows.slice(over), at_start: false }
      : { rows: window.rows.slice(0, -over), at_end: false };
  edit_window(change, chat, cut);
}

// A chat that is not shown any more keeps its newest messages; one that was left in its past, none.
// The window that was used longest ago goes.
export function put_away(change: Change, chat: Id): void {
  const window = change.state.windows.get(chat);
  if (!window) return;
  const windows = change.map("windows");
  windows.delete(chat);
  if (!window.at_end || window.stale || window.status !== "ready") return;
  const over = Math.max(0, window.rows.length - rest_rows_max);
  const rows = over > 0 ? window.rows.slice(over) : window.rows;
  windows.set(chat, { ...window, rows, at_start: window.at_start && over === 0, focus: null });
  const oldest = windows.keys().next();
  if (windows.size > windows_max && !oldest.done) windows.delete(oldest.value);
}

export interface ThreadPage {
  readonly side: "end" | "before";
  readonly anchor: Id | null;
  readonly thread: ApiThread;
  readonly limit: number;
  readonly cut: boolean;
}

export function new_thread(chat: Id, root: Id): ThreadWindow {
  return {
    chat_id: chat,
    root_id: root,
    root: null,
    rows: [],
    at_start: false,
    at_end: false,
    status: "loading",
    older: "idle",
    following: null,
    last_read_seq: 0,
    follow_version: 0,
    divider_seq: null,
  };
}

export function edit_thread(change: Change, root: Id, fields: Partial<ThreadWindow>): void {
  const known = change.state.threads.get(root);
  if (known) change.map("threads").set(root, { ...known, ...fields });
}

export function add_thread(change: Change, chat: Id, root: Id): void {
  if (!change.state.chats.has(chat)) return;
  const known = change.state.threads.get(root);
  const threads = change.map("threads");
  threads.delete(root);
  threads.set(root, known ?? new_thread(chat, root));
  const oldest = threads.keys().next();
  if (threads.size > threads_max && !oldest.done) threads.delete(oldest.value);
}

export function install_thread(change: Change, root: Id, page: ThreadPage): void {
  const known = change.state.threads.get(root);
  if (!known || !change.state.chats.has(known.chat_id)) return;
  const rows = take_messages(change, page.thread.replies);
  const [first] = take_messages(change, [page.thread.root]) as [Message];
  const at_start = rows.length < page.limit && !page.cut;
  if (page.side === "before" && known.rows[0]?.id !== page.anchor) return;
  const fields: Partial<ThreadWindow> =
    page.side === "before"
      ? { rows: merge(rows, known.rows), at_start, older: "idle" }
      : { rows, root: first, at_start, at_end: true, status: "ready" };
  edit_thread(change, root, fields);
}
