import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Virtualizer } from "@tanstack/react-virtual";
import type { Window } from "../../sync";
import type { Row } from "./rows";

export type ListVirtualizer = Virtualizer<HTMLDivElement, Element>;

interface Landing {
  readonly rows: readonly Row[];
  readonly window: Window | undefined;
  readonly virtualizer: ListVirtualizer;
}

/**
 * Where the list stands when it is first shown: at the message of the address, at the divider, else
 * at the end. A newer jump (`focus.turn`) lands again. Returns whether it has landed: before that
 * nothing is read and no history is loaded.
 */
export function useLanding({ rows, window, virtualizer }: Landing): boolean {
  const [landed, setLanded] = useState(false);
  const last_turn = useRef(0);
  const focus = window?.focus ?? null;
  const shown = rows.length > 0;

  useLayoutEffect(() => {
    if (!shown || landed || focus !== null) return;
    const divider = rows.findIndex((row) => row.kind === "divider");
    if (divider >= 0) virtualizer.scrollToIndex(Math.max(0, divider - 1), { align: "start" });
    else virtualizer.scrollToEnd();
    setLanded(true);
  }, [shown, landed, focus, rows, virtualizer]);

  useLayoutEffect(() => {
    if (focus === null || focus.turn === last_turn.current) return;
    const at = rows.findIndex(
      (row) => row.kind === "message" && row.message.id === focus.message_id,
    );
    if (at < 0) return; // its page is not there yet
    last_turn.current = focus.turn;
    virtualizer.scrollToIndex(at, { align: "center" });
    setLanded(true);
  }, [focus, rows, virtualizer]);

  // A jump to the present replaces the window by its end.
  const was_at_end = useRef(window?.at_end ?? false);
  const at_end = window?.at_end ?? false;
  useEffect(() => {
    if (at_end && !was_at_end.current && focus === null && landed) virtualizer.scrollToEnd();
    was_at_end.current = at_end;
  }, [at_end, focus, landed, virtualizer]);
  return landed;
}
