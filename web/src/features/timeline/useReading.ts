import { useEffect, useRef, useState, type RefObject } from "react";
import { useStore } from "zustand";
import { useActions, useView, type Chat } from "../../sync";
import { ui } from "../shell/ui_store";
import type { Row } from "./rows";
import type { ListVirtualizer } from "./useLanding";

interface Reading {
  readonly chat: Chat;
  readonly rows: readonly Row[];
  readonly virtualizer: ListVirtualizer;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly landed: boolean;
  readonly at_end: boolean;
}

const end_px = 60;
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
  const { visible, focused } = useView();
  const held = useStore(ui, (state) => state.held_unread === chat.id);
  const [at_end, setAtEnd] = useState(true);
  const [turn, setTurn] = useState(0);
  const last_read = useRef(0);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let frame = 0;
    const look = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        const left = element.scrollHeight - element.scrollTop - element.clientHeight;
        setAtEnd(left <= end_px);
        setTurn((before) => before + 1);
      });
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", look);
    };
  }, [scroller, rows.length]);

  useEffect(() => {
    if (!landed || !visible || !focused || held) return;
    const timer = setTimeout(() => {
      const seq = seen_seq(rows, virtualizer);
      if (seq <= Math.max(chat.last_read_seq, last_read.current)) return;
      last_read.current = seq;
      actions.markRead(chat.id, seq);
    }, settle_ms);
    return () => clearTimeout(timer);
  }, [turn, landed, visible, focused, held, rows, virtualizer, chat, actions]);

  // A chat that was marked as unread is read again from there.
  useEffect(() => {
    if (held) last_read.current = 0;
  }, [held]);
  return { at_end };
}
