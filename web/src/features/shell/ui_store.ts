// What is open in this tab and in no address: dialogs, and the pane beside a chat.
import { createStore } from "zustand/vanilla";
import type { Attachment, Id } from "../../sync";

export type DialogRequest =
  | { readonly name: "create_chat" }
  | { readonly name: "invite" }
  | { readonly name: "switcher" }
  | { readonly name: "keyboard" }
  | { readonly name: "profile"; readonly user: Id }
  | { readonly name: "add_members"; readonly chat: Id }
  | { readonly name: "chat_settings"; readonly chat: Id }
  | { readonly name: "history"; readonly chat: Id; readonly message: Id }
  | { readonly name: "seen_by"; readonly chat: Id; readonly message: Id }
  | {
      readonly name: "viewer";
      readonly pictures: readonly Attachment[];
      readonly index: number;
    }
  | {
      readonly name: "confirm";
      readonly title: string;
      readonly text: string;
      readonly action: string;
      readonly danger?: boolean;
      readonly run: () => Promise<unknown>;
    };

export type Pane = "details" | "pins";

interface UiState {
  readonly dialog: DialogRequest | null;
  readonly pane: Pane | null;
}

export const ui = createStore<UiState>(() => ({ dialog: null, pane: null }));

export function open_dialog(dialog: DialogRequest): void {
  ui.setState({ dialog });
}

export function close_dialog(): void {
  ui.setState({ dialog: null });
}

export function toggle_pane(pane: Pane): void {
  ui.setState((state) => ({ pane: state.pane === pane ? null : pane }));
}

export function close_pane(): void {
  ui.setState({ pane: null });
}
