import { has_touch_keyboard } from "../switcher/platform";

/** The focus goes to the box of the chat, once a dialog that closes has given it back. */
export function focus_composer_soon(): void {
  if (has_touch_keyboard()) return; // its keyboard would cover the messages
  const focus = () =>
    document.querySelector<HTMLTextAreaElement>('[data-region="composer"] textarea')?.focus();
  requestAnimationFrame(() => requestAnimationFrame(focus));
}
