// Tells the client what the browser does with the page: whether it is looked at, and that the
// computer may have slept.
import type { Client } from "../sync";

const clock_every_ms = 5_000;
const clock_jump_ms = 30_000;

export function watch_page(client: Client): void {
  const { actions } = client;
  const attend = (): void => {
    actions.setAttention(document.visibilityState === "visible", document.hasFocus());
  };
  const wake = (): void => actions.wakeUp();
  for (const name of ["focus", "blur"]) window.addEventListener(name, attend);
  document.addEventListener("visibilitychange", attend);
  window.addEventListener("online", wake);
  window.addEventListener("pageshow", wake);
  document.addEventListener("resume", wake);
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now - last > clock_every_ms + clock_jump_ms) wake();
    last = now;
  }, clock_every_ms);
  attend();
}
