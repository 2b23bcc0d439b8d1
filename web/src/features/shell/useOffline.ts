import { useEffect, useRef } from "react";
import { useT } from "../../i18n";
import { useConnection } from "../../sync";
import { part } from "../../ui/part";
import { show_toast } from "../../ui/toasts";
import type { Offline } from "../../app/offline";

const begin_after_ms = 2_000; // the first messages come first

/** Keeps the page for times without a server, and says when a new version of it is there. */
export function useOffline(): void {
  const t = useT();
  const offline = useRef<Offline | null>(null);
  useEffect(() => {
    let ended = false;
    const newer = (reload: () => void) =>
      show_toast(t("shell.new_version"), { action: { label: t("shell.reload"), run: reload } });
    const begin = async () => {
      const { keep_offline } = await part(import("../../app/offline"));
      if (!ended) offline.current = keep_offline(newer);
    };
    const timer = setTimeout(() => void begin().catch(() => undefined), begin_after_ms);
    return () => {
      ended = true;
      clearTimeout(timer);
      offline.current?.stop();
      offline.current = null;
    };
  }, [t]);
  // A server that was away may be another one now.
  const { phase } = useConnection();
  useEffect(() => {
    if (phase === "live") offline.current?.check();
  }, [phase]);
}
