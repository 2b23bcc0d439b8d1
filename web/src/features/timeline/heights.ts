// How high the rows of chats were when they were last shown. A list that is shown again begins with
// them: its rows are made once, where they belong, and none is measured before it is painted.
import type { Rect, VirtualItem } from "@tanstack/react-virtual";
import type { Id } from "../../sync";

export const chats_max = 50;
export const rows_max = 250; // of each: about what is kept of a chat that is not open

interface Measured {
  readonly width: number; // of the list: in another one texts break otherwise
  readonly items: VirtualItem[];
}

const measured = new Map<Id, Measured>(); // the one that was shown last is the last

// Of the list that was shown last; before the first, about that of the page.
let last_rect: Rect | null = null;

export function rect_at_first(): Rect {
  return last_rect ?? { width: 0, height: window.innerHeight };
}

/** `sizes`: by the keys of rows. `keys`: of all rows, of which the last ones are kept. */
export function keep_heights(
  chat: Id,
  rect: Rect | null,
  keys: readonly string[],
  sizes: ReadonlyMap<unknown, number>,
): void {
  if (!rect || rect.width === 0) return;
  last_rect = rect;
  const items: VirtualItem[] = [];
  for (const key of keys.slice(-rows_max)) {
    const size = sizes.get(key);
    if (size !== undefined) items.push({ key, size, index: 0, start: 0, end: size, lane: 0 });
  }
  measured.delete(chat);
  measured.set(chat, { width: rect.width, items });
  const [oldest] = measured.keys();
  if (measured.size > chats_max && oldest !== undefined) measured.delete(oldest);
}

/** None where the list is of another width now. */
export function kept_heights(chat: Id): VirtualItem[] {
  const known = measured.get(chat);
  return known && known.width === last_rect?.width ? known.items : [];
}
