import { useEffect } from "react";
import { useLocation } from "wouter";
import { tinykeys } from "tinykeys";
import { chat_path, paths } from "../../app/routes";
import { useClient } from "../../sync";
import { sidebar_order } from "../chats/order";
import { open_dialog, ui } from "./ui_store";

/** The keys that work everywhere. `$mod` is the command key on a Mac, else Control. */
export function useShortcuts(): void {
  const client = useClient();
  const [, navigate] = useLocation();
  useEffect(() => {
    const when_free = (action: (event: KeyboardEvent) => void) => (event: KeyboardEvent) => {
      if (event.isComposing || event.repeat || ui.getState().dialog !== null) return;
      event.preventDefault();
      action(event);
    };
    const step = (by: 1 | -1, unread_only: boolean) => {
      const state = client.store.getState();
      const ids = sidebar_order(state, false).filter((id) => {
        const chat = state.chats.get(id);
        return !unread_only || id === state.view.chat_id || (chat?.unread_count ?? 0) > 0;
      });
      if (ids.length === 0) return;
      const at = state.view.chat_id === null ? -1 : ids.indexOf(state.view.chat_id);
      const next = ids[(at + by + ids.length) % ids.length];
      if (next !== undefined) navigate(chat_path(next));
    };
    return tinykeys(window, {
      "$mod+KeyK": when_free(() => open_dialog({ name: "switcher" })),
      "$mod+Slash": when_free(() => open_dialog({ name: "keyboard" })),
      "$mod+Shift+KeyF": when_free(() => navigate(paths.search)),
      "Alt+ArrowUp": when_free(() => step(-1, false)),
      "Alt+ArrowDown": when_free(() => step(1, false)),
      "Alt+Shift+ArrowUp": when_free(() => step(-1, true)),
      "Alt+Shift+ArrowDown": when_free(() => step(1, true)),
      F6: when_free((event) => next_region(event.shiftKey ? -1 : 1)),
      "Shift+F6": when_free(() => next_region(-1)),
    });
  }, [client, navigate]);
}

/** The regions of the page, in their order: the chats, the messages, the box, the pane. */
function next_region(by: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.offsetParent !== null,
  );
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + by + regions.length) % regions.length];
  const target = next?.querySelector<HTMLElement>(
    'textarea, [aria-current="page"], [tabindex="0"], a[href], button:not(:disabled)',
  );
  target?.focus();
}
