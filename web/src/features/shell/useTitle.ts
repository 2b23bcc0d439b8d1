import { useEffect } from "react";
import { useChatName, useTotals, useView } from "../../sync";

interface BadgeNavigator {
  setAppBadge?(count: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

/** The name of what is shown, and what is unread: in the title; mentions on the app's icon, too. */
export function useTitle(): void {
  const { unread, mentions } = useTotals();
  const name = useChatName(useView().chat_id);
  useEffect(() => {
    const count = mentions > 0 ? `(${mentions}) ` : unread > 0 ? "• " : "";
    // Browsers take their time for it: behind what is painted next.
    const timer = setTimeout(() => {
      document.title = `${count}${name ? `${name} · ` : ""}Fechatter`;
    });
    return () => clearTimeout(timer);
  }, [name, unread, mentions]);
  useEffect(() => {
    show_badge(mentions);
  }, [mentions]);
  useEffect(() => () => show_badge(0), []);
}

function show_badge(count: number): void {
  const badge = navigator as BadgeNavigator;
  const done = count > 0 ? badge.setAppBadge?.(count) : badge.clearAppBadge?.();
  done?.catch(() => undefined); // there is no icon to put it on
}
