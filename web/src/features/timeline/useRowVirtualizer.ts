import {
  startTransition,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type RefObject,
} from "react";
import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { useSettled, type Id, type Window } from "../../sync";
import { end_px } from "./end";
import { keep_heights, kept_heights, rect_at_first } from "./heights";
import type { Row } from "./rows";
import { divider_of, focus_of, type ListVirtualizer } from "./useLanding";

const wide_after_ms = 100;
const padding = { start: 8, end: 14 };

const estimates: Record<Row["kind"], number> = {
  start: 150,
  day: 40,
  divider: 28,
  message: 62,
  pending: 62,
};

/** Whether the list, at its end, goes with rows that join there. */
export function useFollows(at_end: boolean): boolean {
  // Only where the end was the end before, too: a page that joins is not something new. What was
  // missed is shown from its first message on (useLanding), also where all of it comes in the step
  // that says that nothing more is missing.
  const settled = useSettled();
  const now = at_end && settled;
  const [before, setBefore] = useState(now);
  useLayoutEffect(() => setBefore(now), [now]);
  return now && before;
}

/**
 * Where the list will land (useLanding), so that the first render makes the rows that are seen
 * there. Rows that are not measured yet make it a guess.
 */
export function offset_at_first(
  rows: readonly Row[],
  window: Pick<Window, "focus">,
  known: readonly Pick<VirtualItem, "key" | "size">[],
  height: number,
): number {
  const sizes = new Map(known.map(({ key, size }) => [key, size]));
  const divider = divider_of(rows);
  const focus = focus_of(rows, window);
  const row = focus >= 0 ? focus : divider >= 0 ? Math.max(0, divider - 1) : rows.length;
  let offset = padding.start;
  for (const { key, kind } of rows.slice(0, row)) offset += sizes.get(key) ?? estimates[kind];
  if (focus >= 0) return Math.max(0, offset - height / 2);
  return row < rows.length ? offset : Math.max(0, offset + padding.end - height);
}

/** Rows beside what is seen are made behind what is painted first. */
function useOverscan(): number {
  const [wide, setWide] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => startTransition(() => setWide(true)), wide_after_ms);
    return () => clearTimeout(timer);
  }, []);
  return wide ? 6 : 1;
}

interface RowList {
  readonly chat_id: Id;
  readonly rows: readonly Row[];
  readonly window: Window;
  readonly follows: boolean;
  readonly scroller: RefObject<HTMLDivElement | null>;
}

/** Which rows are made, and where they stand. */
export function useRowVirtualizer(list: RowList): ListVirtualizer {
  const { chat_id, rows, window, follows, scroller } = list;
  const [known] = useState(() => kept_heights(chat_id));
  const initialRect = rect_at_first();
  const overscan = useOverscan();
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: useCallback((index) => estimates[rows[index]?.kind ?? "message"], [rows]),
    getItemKey: useCallback((index) => rows[index]?.key ?? index, [rows]),
    initialMeasurementsCache: known,
    initialRect,
    initialOffset: () => offset_at_first(rows, window, known, initialRect.height),
    anchorTo: "end",
    followOnAppend: follows,
    scrollEndThreshold: end_px,
    overscan,
    paddingStart: padding.start,
    paddingEnd: padding.end,
  });
  const latest = useRef(rows);
  useLayoutEffect(() => {
    latest.current = rows;
  }, [rows]);
  useLayoutEffect(
    () => () => {
      const keys = latest.current.map(({ key }) => key);
      keep_heights(chat_id, virtualizer.scrollRect, keys, virtualizer.itemSizeCache);
    },
    [chat_id, virtualizer],
  );
  return virtualizer;
}
