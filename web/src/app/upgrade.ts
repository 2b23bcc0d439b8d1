// A new release may have replaced a part of the page that was not loaded yet. The page is loaded
// again, once: what was written is a draft and comes back.
const key = "fechatter.reloaded";
const again_after_ms = 60_000;
const ask_again_after_ms = 2_000;

// A page that is loaded again while the server cannot be reached is gone.
async function server_answers(): Promise<void> {
  for (;;) {
    try {
      await fetch("/client-config.json", { cache: "no-store" });
      return;
    } catch {
      await new Promise((resume) => setTimeout(resume, ask_again_after_ms));
    }
  }
}

export function reload_when_parts_are_gone(): void {
  let waits = false;
  window.addEventListener("vite:preloadError", (event) => {
    if (waits) return event.preventDefault();
    let last = 0;
    try {
      last = Number(sessionStorage.getItem(key) ?? 0);
      sessionStorage.setItem(key, String(Date.now()));
    } catch {
      return; // without a memory it could go round for ever
    }
    if (Date.now() - last < again_after_ms) return;
    event.preventDefault();
    waits = true;
    void server_answers().then(() => location.reload());
  });
}
