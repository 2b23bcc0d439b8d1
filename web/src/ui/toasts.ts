import { createStore } from "zustand/vanilla";

export type Toast = {
  id: number;
  text: string;
  tone: "info" | "danger";
  action?: { label: string; run: () => void };
};

const shown_at_once = 3;
const shown_for_ms = 6000;
let last_id = 0;

export const toasts = createStore<{ list: Toast[] }>(() => ({ list: [] }));

export function dismiss_toast(id: number): void {
  toasts.setState(({ list }) => ({ list: list.filter((toast) => toast.id !== id) }));
}

/** Shows a short text for 6 s; one with an action stays until it is used or closed. */
export function show_toast(
  text: string,
  options: { tone?: Toast["tone"]; action?: Toast["action"] } = {},
): void {
  const id = ++last_id;
  const toast: Toast = { id, text, tone: options.tone ?? "info" };
  if (options.action) toast.action = options.action;
  toasts.setState(({ list }) => ({
    list: [...list.filter((each) => each.text !== text), toast].slice(-shown_at_once),
  }));
  if (!options.action) setTimeout(() => dismiss_toast(id), shown_for_ms);
}
