import { useStore } from "zustand";
import { announcement } from "./announce";

/** Two places in turn: a text that comes twice is a change of the page each time. */
export function Announcer() {
  const { text, turn } = useStore(announcement);
  return (
    <div className="visually-hidden" aria-live="polite" aria-atomic="false" data-announcer="">
      <div>{turn % 2 === 0 ? text : ""}</div>
      <div>{turn % 2 === 1 ? text : ""}</div>
    </div>
  );
}
