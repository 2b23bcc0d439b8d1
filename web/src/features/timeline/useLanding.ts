import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Virtualizer } from "@tanstack/react-virtual";
import { unread_rows_max, useActions, useSettled, useSync, type Id, type Window } from "../../sync";
import type { Row } from "./rows";

export type ListVirtualizer = Virtualizer<HTMLDivElement, Element>;

interface Landing {
  readonly rows: readonly Row[];
  readonly window: Window;
  readonly virtualizer: ListVirtualizer;
  readonly chat_id: Id;
  readonly divider_seq: number | null;
}

/** Whether older pages are to be read first, until that with the first unread message is there. */
function seeks_divider(window: Window, divider_seq: number | null): boolean {
  const first = window.rows[0];
  if (!first || divider_seq === null || window.at_start) return false;
  if (window.older === "failed" || window.rows.length >= unread_rows_max) return false;
  return first.seq > divider_seq + 1;
}

export function divider_of(rows: readonly Row[]): number {
  return rows.findIndex((row) => row.kind === "divider");
}

/** The row of the message that a link has led to; -1: there is none, or not yet. */
export function focus_of(rows: readonly Row[], { focus }: Pick<Window, "focus">): number {
  if (focus === null) return -1;
  return rows.findIndex((row) => row.kind === "message" && row.message.id === focus.message_id);
}

const still_frames = 3;
const frames_max = 60;

/**
 * Whether the list has come to where it was sent. On the way rows are measured, which takes some
 * frames; a page that joined meanwhile would make another row of the index that is sought.
 */
function useArrival(virtualizer: ListVirtualizer): { arrived: boolean; depart: () => void } {
  const [moves, setMoves] = useState(true); // it has been sent nowhere yet
  const frame = useRef(0);
  const depart = useCallback(() => {
    let [still, left, before] = [0, frames_max, ""];
    const look = () => {
      const now = `${virtualizer.scrollElement?.scrollTop} ${virtualizer.getTotalSize()}`;
      still = now === before ? still + 1 : 0;
      before = now;
      left -= 1;
      if (still >= still_frames || left === 0) setMoves(false);
      else frame.current = requestAnimationFrame(look);
    };
    setMoves(true);
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(look);
  }, [virtualizer]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return { arrived: !moves, depart };
}

/** Where the stream was away, the list goes on at the first message that was missed. */
function useReturn({ rows, virtualizer }: Landing, landed: boolean, depart: () => void): void {
  const settled = useSettled();
  const was = useRef({ settled, divided: false });
  useLayoutEffect(() => {
    const { settled: was_settled, divided } = was.current;
    if (settled === was_settled) return;
    const divider = divider_of(rows);
    was.current = { settled, divided: divider >= 0 };
    if (!settled || !landed || divided || divider < 1) return;
    // Unless it was scrolled away from its end.
    const bottom = (virtualizer.scrollOffset ?? 0) + (virtualizer.scrollRect?.height ?? 0);
    const last_seen = virtualizer.getVirtualItems().find((item) => item.index === divider - 1);
    if (last_seen && last_seen.start < bottom) {
      virtualizer.scrollToIndex(divider - 1, { align: "start" });
      depart();
    }
  }, [settled, landed, rows, virtualizer, depart]);
}

/**
 * Where the list stands when it is first shown: at the message of the address, at the divider, else
 * at the end. A newer jump (`focus.turn`) lands again. Before it has `landed` nothing is read, and
 * before it has `arrived` no history is loaded.
 */
export function useLanding(landing: Landing): { landed: boolean; arrived: boolean } {
  const { rows, window, virtualizer, chat_id, divider_seq } = landing;
  const actions = useActions();
  const [landed, setLanded] = useState(false);
  const departed = useRef(false);
  const { arrived, depart } = useArrival(virtualizer);
  const last_turn = useRef(0);
  const { focus, at_end } = window;
  const shown = rows.length > 0;
  const seeks = !landed && focus === null && seeks_divider(window, divider_seq);
  const reads = window.older === "loading";
  // Opening it may choose another page first.
  const opened = useSync(({ view }) => !seeks || view.chat_id === chat_id);
  useEffect(() => {
    if (seeks && opened && !reads) void actions.loadOlder(chat_id);
  }, [seeks, opened, reads, actions, chat_id]);

  // It lands in the step that shows it: no other render comes between.
  const lands = shown && !landed && !seeks && focus === null;
  if (lands) setLanded(true);
  useLayoutEffect(() => {
    if (!landed || departed.current) return;
    departed.current = true;
    if (last_turn.current > 0) return; // a jump has sent it
    const divider = divider_of(rows);
    if (divider >= 0) virtualizer.scrollToIndex(Math.max(0, divider - 1), { align: "start" });
    else virtualizer.scrollToEnd();
    depart();
  }, [landed, rows, virtualizer, depart]);

  useLayoutEffect(() => {
    if (focus === null || focus.turn === last_turn.current) return;
    const at = focus_of(rows, { focus });
    if (at < 0) return; // its page is not there yet
    last_turn.current = focus.turn;
    if (at_end && at === rows.length - 1) virtualizer.scrollToEnd();
    else virtualizer.scrollToIndex(at, { align: "center" });
    depart();
    setLanded(true);
  }, [focus, rows, at_end, virtualizer, depart]);

  useReturn(landing, landed, depart);

  // What the user sends is where the user looks next.
  const last = rows.at(-1);
  const sent = last?.kind === "pending" ? last.key : null;
  useLayoutEffect(() => {
    if (sent !== null && landed) virtualizer.scrollToEnd();
    // oxlint-disable-next-line exhaustive-deps -- only a new one moves the list
  }, [sent]);

  // A jump to the present replaces the window by its end. Reading on to it, page by page, keeps the
  // first row, and the place.
  const first_id = window.rows[0]?.id;
  const was = useRef({ at_end, first_id });
  useEffect(() => {
    const replaced = was.current.first_id !== first_id;
    const came = at_end && !was.current.at_end;
    if (came && replaced && focus === null && landed) virtualizer.scrollToEnd();
    was.current = { at_end, first_id };
  }, [at_end, first_id, focus, landed, virtualizer]);
  return { landed, arrived };
}
