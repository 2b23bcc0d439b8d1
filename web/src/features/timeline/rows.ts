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

/** A name for the local day of a time: equal for times of one day. */
export function day_key(time: string): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

interface Previous {
  readonly sender_id: number;
  readonly time: string;
  readonly breaks: boolean; // no row joins it
}

function joins(previous: Previous | null, sender_id: number, time: string): boolean {
  if (previous === null || previous.breaks || previous.sender_id !== sender_id) return false;
  const gap = Date.parse(time) - Date.parse(previous.time);
  return gap < run_ms && day_key(previous.time) === day_key(time);
}

/**
 * The divider stands above the first message of another person behind `divider_seq`: one's own
 * messages are never unread.
 */
export function first_unread(
  source: readonly SyncRow[],
  divider_seq: number | null,
  own_id: number,
): Message | null {
  if (divider_seq === null) return null;
  for (const row of source) {
    if (row.kind !== "message") continue;
    const { message } = row;
    if (message.seq <= divider_seq || message.deleted_at !== null) continue;
    if (message.sender_id !== own_id) return message;
  }
  return null;
}

export function build_rows(source: readonly SyncRow[], options: RowsOptions): Row[] {
  const rows: Row[] = [];
  if (options.at_start) rows.push({ kind: "start", key: "start" });
  const unread = first_unread(source, options.divider_seq, options.own_id);
  let previous: Previous | null = null;
  let day = "";
  for (const row of source) {
    const what = row.kind === "message" ? row.message : row.pending;
    const sender_id = row.kind === "message" ? row.message.sender_id : options.own_id;
    const of_day = day_key(what.created_at);
    if (of_day !== day) rows.push({ kind: "day", key: `day ${of_day}`, time: what.created_at });
    day = of_day;
    if (unread !== null && what === unread) {
      rows.push({ kind: "divider", key: "divider" });
      previous = null;
    }
    const follows = what.reply_to === null && joins(previous, sender_id, what.created_at);
    rows.push({ ...row, follows });
    previous = {
      sender_id,
      time: what.created_at,
      breaks: row.kind === "message" && row.message.deleted_at !== null,
    };
  }
  return rows;
}
