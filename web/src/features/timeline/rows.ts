// Messages → the rows of the list: days, the divider of what is unread, runs of one sender.
import type { Message, Pending, Row as SyncRow } from "../../sync";

export type Row =
  | { readonly kind: "start"; readonly key: "start" }
  | { readonly kind: "day"; readonly key: string; readonly time: string }
  | { readonly kind: "divider"; readonly key: "divider" }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: Message;
      readonly follows: boolean; // the row above is of the same sender: no name, no picture
    }
  | {
      readonly kind: "pending";
      readonly key: string;
      readonly pending: Pending;
      readonly follows: boolean;
    };

export interface RowsOptions {
  readonly own_id: number;
  readonly divider_seq: number | null;
  readonly at_start: boolean;
}

const run_ms = 5 * 60_000;

interface Moment {
  readonly day: number; // the local one, as 20260301
  readonly ms: number;
}

// A chat may have 50,000 rows, and each is looked at whenever older ones come.
const moments = new WeakMap<object, Moment>();

function moment_of(what: Message | Pending): Moment {
  let moment = moments.get(what);
  if (!moment) {
    const date = new Date(what.created_at);
    const day = date.getFullYear() * 10_000 + (date.getMonth() + 1) * 100 + date.getDate();
    moment = { day, ms: date.getTime() };
    moments.set(what, moment);
  }
  return moment;
}

function what_of(row: SyncRow): Message | Pending {
  return row.kind === "message" ? row.message : row.pending;
}

function sender_of(row: SyncRow, own_id: number): number {
  return row.kind === "message" ? row.message.sender_id : own_id;
}

function is_deleted(row: SyncRow): boolean {
  return row.kind === "message" && row.message.deleted_at !== null;
}

/** Whether a row shows no name since the one above is of the same run. */
function follows(row: SyncRow, above: SyncRow, own_id: number): boolean {
  const what = what_of(row);
  if (what.reply_to !== null || is_deleted(above)) return false;
  if (sender_of(row, own_id) !== sender_of(above, own_id)) return false;
  const [moment, before] = [moment_of(what), moment_of(what_of(above))];
  return moment.day === before.day && moment.ms - before.ms < run_ms;
}

/** Whether what is held goes back to the last message that was read. */
export function reaches(
  source: readonly SyncRow[],
  divider_seq: number,
  at_start: boolean,
): boolean {
  const [first] = source;
  return at_start || (first?.kind === "message" && first.message.seq <= divider_seq + 1);
}

/**
 * The divider stands above the first message of another person behind `divider_seq`: one's own
 * messages are never unread. Null also while older messages that are not held may be unread.
 */
export function first_unread(
  source: readonly SyncRow[],
  divider_seq: number | null,
  own_id: number,
  at_start: boolean,
): Message | null {
  if (divider_seq === null || !reaches(source, divider_seq, at_start)) return null;
  for (const row of source) {
    if (row.kind !== "message") continue;
    const { message } = row;
    if (message.seq <= divider_seq || message.deleted_at !== null) continue;
    if (message.sender_id !== own_id) return message;
  }
  return null;
}

interface Built {
  readonly source: readonly SyncRow[];
  readonly rows: readonly Row[];
  readonly starts: readonly number[]; // of each of the source: where its rows begin
  readonly own_id: number;
  readonly at_start: boolean;
  readonly unread_id: number | null;
}

/** How many of the first rows are the same, so that what was made of them still holds. */
function same_rows(
  before: Built | null,
  source: readonly SyncRow[],
  options: RowsOptions,
  unread_id: number | null,
): number {
  if (!before || before.own_id !== options.own_id || before.at_start !== options.at_start) return 0;
  if (before.unread_id !== unread_id) return 0;
  const end = Math.min(before.source.length, source.length);
  let at = 0;
  while (at < end && before.source[at] === source[at]) at++;
  return at;
}

/**
 * Makes the rows of one list. What is the same as the last time is taken over: a message that joins
 * the end costs a look at itself.
 */
export function row_builder(): (
  source: readonly SyncRow[],
  options: RowsOptions,
) => readonly Row[] {
  let last: Built | null = null;
  return (source, options) => {
    const { own_id, at_start } = options;
    const unread = first_unread(source, options.divider_seq, own_id, at_start);
    const same = same_rows(last, source, options, unread?.id ?? null);
    const rows: Row[] = same > 0 && last ? last.rows.slice(0, last.starts[same]) : [];
    const starts: number[] = same > 0 && last ? last.starts.slice(0, same) : [];
    if (same === 0 && at_start) rows.push({ kind: "start", key: "start" });
    for (let at = same; at < source.length; at++) {
      const row = source[at];
      if (!row) break;
      starts.push(rows.length);
      add_row(rows, row, source[at - 1], own_id, unread);
    }
    last = { source, rows, starts, own_id, at_start, unread_id: unread?.id ?? null };
    return rows;
  };
}

function add_row(
  rows: Row[],
  row: SyncRow,
  above: SyncRow | undefined,
  own_id: number,
  unread: Message | null,
): void {
  const what = what_of(row);
  const { day } = moment_of(what);
  if (!above || moment_of(what_of(above)).day !== day) {
    rows.push({ kind: "day", key: `day ${row.key}`, time: what.created_at });
  }
  const divided = unread !== null && what === unread;
  if (divided) rows.push({ kind: "divider", key: "divider" });
  rows.push({ ...row, follows: !divided && above !== undefined && follows(row, above, own_id) });
}
