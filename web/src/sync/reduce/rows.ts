// Lists of messages by seq.
import type { Id } from "../../api/types";
import type { Message } from "../state";

export type Rows = readonly Message[];

// Where a message with this seq is, or would be.
export function place_of(rows: Rows, seq: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle] as Message).seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function at_seq(rows: Rows, seq: number): Message | undefined {
  const found = rows[place_of(rows, seq)];
  return found?.seq === seq ? found : undefined;
}

// For events that do not tell the seq. The newest are asked for most.
export function with_id(rows: Rows, id: Id): Message | undefined {
  for (let i = rows.length - 1; i >= 0; --i) {
    const row = rows[i] as Message;
    if (row.id === id) return row;
  }
  return undefined;
}

// The same list when it has the message in this version or a newer one.
export function put(rows: Rows, message: Message): Rows {
  const place = place_of(rows, message.seq);
  const known = rows[place];
  if (known?.seq === message.seq) {
    if (known.version >= message.version) return rows;
    return rows.with(place, message);
  }
  if (place === rows.length) return [...rows, message];
  return rows.toSpliced(place, 0, message);
}

// Two lists as one; of a message that is in both the newer version.
export function merge(rows: Rows, more: Rows): Rows {
  if (rows.length === 0) return more;
  const last = rows.at(-1) as Message;
  const first = rows[0] as Message;
  if (more.length === 0) return rows;
  if ((more[0] as Message).seq > last.seq) return rows.concat(more);
  if ((more.at(-1) as Message).seq < first.seq) return more.concat(rows);
  const merged: Message[] = [];
  let [i, j] = [0, 0];
  while (i < rows.length || j < more.length) {
    const [a, b] = [rows[i], more[j]];
    if (a && b && a.seq === b.seq) {
      merged.push(b.version > a.version ? b : a);
      i += 1;
      j += 1;
    } else if (a && (!b || a.seq < b.seq)) {
      merged.push(a);
      i += 1;
    } else if (b) {
      merged.push(b);
      j += 1;
    }
  }
  return merged;
}
