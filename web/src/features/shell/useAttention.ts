import { useEffect } from "react";
import { useActions } from "../../sync";

const idle_ms = 5 * 60_000;

/** Tells whether the page is looked at, and whether its user is there. */
export function useAttention(): void {
  const actions = useActions();
  useEffect(() => {
    const look = () =>
      actions.setAttention(document.visibilityState === "visible", document.hasFocus());
    const wake = () => {
      look();
      if (document.visibilityState === "visible") actions.wakeUp();
    };
    look();
    window.addEventListener("focus", look);
    window.addEventListener("blur", look);
    window.addEventListener("online", wake);
    window.addEventListener("pageshow", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      window.removeEventListener("focus", look);
      window.removeEventListener("blur", look);
      window.removeEventListener("online", wake);
      window.removeEventListener("pageshow", wake);
      document.removeEventListener("visibilitychange", wake);
    };
  }, [actions]);

  useEffect(() => {
    let status: "online" | "away" = "online";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const set = (next: "online" | "away") => {
      if (next === status) return;
      status = next;
      actions.setPresence(next).catch(() => undefined); // the next change says it
    };
    const active = () => {
      clearTimeout(timer);
      timer = setTimeout(() => set("away"), idle_ms);
      set("online");
    };
    active();
    const events = ["pointerdown", "keydown", "wheel"] as const;
    for (const event of events) window.addEventListener(event, active, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const event of events) window.removeEventListener(event, active);
    };
  }, [actions]);
}
