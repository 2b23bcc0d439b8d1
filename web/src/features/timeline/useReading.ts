import { useEffect, useRef, useState, type RefObject } from "react";
import { useActions, useSettled, useSync, type Chat } from "../../sync";
import { end_px } from "./end";
import type { Row } from "./rows";
import type { ListVirtualizer } from "./useLanding";

interface Reading {
  readonly chat: Chat;
  readonly rows: readonly Row[];
  readonly virtualizer: ListVirtualizer;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly landed: boolean;
}

const settle_ms = 250;

/** The greatest seq of the rows whose end is within the list; 0 when there is none. */
function seen_seq(rows: readonly Row[], virtualizer: ListVirtualizer): number {
  const end = (virtualizer.scrollOffset ?? 0) + (virtualizer.scrollRect?.height ?? 0);
  const items = virtualizer.getVirtualItems();
  for (let at = items.length - 1; at >= 0; at--) {
    const item = items[at];
    const row = item && rows[item.index];
    if (item && row?.kind === "message" && item.end <= end + 4) return row.message.seq;
  }
  return 0;
}

/**
 * Marks as read what was on the screen for a moment, while the page is visible and its window has
 * the focus; nothing else. Returns whether the list stands at its end.
 */
export function useReading({ chat, rows, virtualizer, scroller, landed }: Reading): {
  at_end: boolean;
} {
  const actions = useActions();
  const settled = useSettled();
  const attended = useSync(({ view }) => view.visible && view.focused && !view.holds_unread);
  const [at_end, setAtEnd] = useState(true);
  const reads = landed && settled && attended;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  // Scrolling changes no state but `at_end`: the page is not rendered for it.
  const read_soon = useRef(() => {});
  useEffect(() => {
    read_soon.current = () => {
      clearTimeout(timer.current);
      if (!reads) return;
      timer.current = setTimeout(() => {
        const seq = seen_seq(rows, virtualizer);
        if (seq > chat.last_read_seq) actions.markRead(chat.id, seq);
      }, settle_ms);
    };
    read_soon.current();
  }, [reads, rows, virtualizer, chat, actions]);
  useEffect(() => () => clearTimeout(timer.current), []);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let frame = 0;
    const look = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        const left = element.scrollHeight - element.scrollTop - element.clientHeight;
        setAtEnd(left <= end_px);
        read_soon.current();
      });
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", look);
    };
  }, [scroller, rows.length]);
  return { at_end };
}
