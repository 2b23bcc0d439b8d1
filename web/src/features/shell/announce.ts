// One polite live region for the page. Each text is said once.
import { createStore } from "zustand/vanilla";

export const announcement = createStore<{ text: string; turn: number }>(() => ({
  text: "",
  turn: 0,
}));

export function announce(text: string): void {
  announcement.setState(({ turn }) => ({ text, turn: turn + 1 }));
}
