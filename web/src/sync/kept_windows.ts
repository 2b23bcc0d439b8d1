// The newest messages of chats, as they go to the browser's store and from tab to tab: what a tab
// reads that does not lead, the leader keeps for times without a network; and a tab that becomes the
// leader takes over what the one before has kept.
import type { Change } from "./change";
import { stored_rows_max, windows_max } from "./limits";
import { show_person } from "./reduce/people";
import type { Person, State, Window } from "./state";
import type { StoredWindow } from "./storage";

export interface KeptWindows {
  readonly cursor: string; // everything up to it is in them
  readonly windows: readonly StoredWindow[];
  readonly people: readonly Person[]; // who have written in them
}

// Whether it has the newest messages, and events keep it so.
export function is_whole(window: Window | undefined): boolean {
  return window !== undefined && window.at_end && !window.stale && window.status === "ready";
}

export function to_store(window: Window): StoredWindow {
  const over = Math.max(0, window.rows.length - stored_rows_max);
  const rows = over > 0 ? window.rows.slice(over) : window.rows;
  return { chat_id: window.chat_id, rows, at_start: window.at_start && over === 0 };
}

export function from_store({ chat_id, rows, at_start }: StoredWindow): Window {
  return {
    ...{ chat_id, rows, at_start, at_end: true },
    ...{ status: "ready", older: "idle", newer: "idle", stale: false, focus: null },
  };
}

// What has been read since then; null: nothing.
export function newly_read(now: State, before: State): KeptWindows | null {
  const { cursor } = now;
  if (now.windows === before.windows || cursor === null) return null;
  const windows = [...now.windows.values()]
    .filter((window) => is_whole(window) && !is_whole(before.windows.get(window.chat_id)))
    .map(to_store);
  if (windows.length === 0) return null;
  const senders = new Set(windows.flatMap(({ rows }) => rows.map((row) => row.sender_id)));
  const people = [...senders].flatMap((id) => now.people.get(id) ?? []);
  return { cursor, windows, people };
}

// Takes what is lacking here. `age`: whether it was read just now, or before all that is held. The
// chat that is shown is left alone: its page is on its way, or its past is being read.
export function adopt(change: Change, kept: KeptWindows, age: "newest" | "oldest"): void {
  const { chats, windows: held, view, people } = change.state;
  const is_lacking = ({ chat_id }: StoredWindow): boolean =>
    chats.has(chat_id) && view.chat_id !== chat_id && !is_whole(held.get(chat_id));
  const lacking = kept.windows.filter(is_lacking).map(from_store);
  if (lacking.length === 0) return;
  for (const person of kept.people) if (!people.has(person.id)) show_person(change, person);
  const lacks = new Set(lacking.map((window) => window.chat_id));
  const others = [...held.values()].filter((window) => !lacks.has(window.chat_id));
  const all = age === "newest" ? [...others, ...lacking] : [...lacking, ...others];
  const windows = change.map("windows");
  windows.clear();
  for (const window of all.slice(-windows_max)) windows.set(window.chat_id, window);
}
