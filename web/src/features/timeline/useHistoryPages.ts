import { useEffect } from "react";
import { useActions, type Id, type Window } from "../../sync";
import type { ListVirtualizer } from "./useLanding";

interface HistoryPages {
  readonly chat_id: Id;
  readonly window: Window | undefined;
  readonly virtualizer: ListVirtualizer;
  readonly count: number;
  readonly arrived: boolean; // the list has landed, and stands
}

const rows_before_edge = 12;

/** Loads the next page before the reader comes to the edge of what is held. */
export function useHistoryPages({ chat_id, window, virtualizer, count, arrived }: HistoryPages) {
  const actions = useActions();
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const wants_older =
    arrived &&
    count > 0 &&
    first <= rows_before_edge &&
    window?.at_start === false &&
    window.older !== "loading" &&
    window.older !== "failed";
  const wants_newer =
    arrived &&
    count > 0 &&
    last >= count - 1 - rows_before_edge &&
    window?.at_end === false &&
    window.newer !== "loading" &&
    window.newer !== "failed";
  const edge_id = window?.rows[0]?.id;
  const end_id = window?.rows.at(-1)?.id;
  useEffect(() => {
    if (wants_older) void actions.loadOlder(chat_id);
  }, [wants_older, actions, chat_id, edge_id]);
  useEffect(() => {
    if (wants_newer) void actions.loadNewer(chat_id);
  }, [wants_newer, actions, chat_id, end_id]);
}
