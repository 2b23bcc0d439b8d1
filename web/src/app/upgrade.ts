// A new release may have replaced a part of the page that was not loaded yet. The page is loaded
// again, once: what was written is a draft and comes back.
const key = "fechatter.reloaded";
const again_after_ms = 60_000;

export function reload_when_parts_are_gone(): void {
  window.addEventListener("vite:preloadError", (event) => {
    let last = 0;
    try {
      last = Number(sessionStorage.getItem(key) ?? 0);
      sessionStorage.setItem(key, String(Date.now()));
    } catch {
      return; // without a memory it could go round for ever
    }
    if (Date.now() - last < again_after_ms) return;
    event.preventDefault();
    location.reload();
  });
}
