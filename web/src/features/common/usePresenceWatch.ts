import { useEffect } from "react";
import { useActions, type Actions, type Id } from "../../sync";

// Several parts of the page show presence at once, and the client takes one list.
const wanted = new Map<string, readonly Id[]>();
const watched_max = 200;
let planned = false;

function plan(actions: Actions): void {
  if (planned) return;
  planned = true;
  queueMicrotask(() => {
    planned = false;
    const all = new Set([...wanted.values()].flat());
    actions.watchPresence([...all].slice(0, watched_max));
  });
}

/** Asks for the presence of these people while the component is shown. `source` is its name. */
export function usePresenceWatch(source: string, users: readonly Id[]): void {
  const actions = useActions();
  const list = users.join(" ");
  useEffect(() => {
    wanted.set(source, list === "" ? [] : list.split(" ").map(Number));
    plan(actions);
    return () => {
      wanted.delete(source);
      plan(actions);
    };
  }, [actions, source, list]);
}
