import { useEffect } from "react";
import { useChatName, useTotals, useView } from "../../sync";

interface BadgeNavigator {
  setAppBadge?(count: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

/** The name of what is shown, and how much is unread: in the title and on the app's icon. */
export function useTitle(): void {
  const { unread, mentions } = useTotals();
  const name = useChatName(useView().chat_id);
  useEffect(() => {
    const count = mentions > 0 ? `(${mentions}) ` : unread > 0 ? "• " : "";
    document.title = `${count}${name ? `${name} · ` : ""}Fechatter`;
  }, [name, unread, mentions]);
  useEffect(() => {
    const badge = navigator as BadgeNavigator;
    const set = unread > 0 ? badge.setAppBadge?.(unread) : badge.clearAppBadge?.();
    set?.catch(() => undefined); // there is no icon to put it on
  }, [unread]);
}
