import { lazy, Suspense, type ComponentType } from "react";
import { useStore } from "zustand";
import { close_dialog, ui, type DialogRequest } from "./ui_store";

type Name = DialogRequest["name"];
export type DialogOf<N extends Name> = Extract<DialogRequest, { name: N }>;

const dialogs: { [N in Name]: ComponentType<DialogOf<N>> } = {
  create_chat: lazy(() => import("../chats/CreateChatDialog")),
  invite: lazy(() => import("../members/InviteDialog")),
  switcher: lazy(() => import("../switcher/QuickSwitcher")),
  keyboard: lazy(() => import("../switcher/KeyboardHelp")),
  profile: lazy(() => import("../members/ProfileDialog")),
  add_members: lazy(() => import("../members/AddMembersDialog")),
  chat_settings: lazy(() => import("../chats/ChatSettingsDialog")),
  history: lazy(() => import("../timeline/HistoryDialog")),
  seen_by: lazy(() => import("../timeline/SeenByDialog")),
  viewer: lazy(() => import("../files/Viewer")),
  confirm: lazy(() => import("../common/ConfirmDialog")),
};

/** The dialog that is open. All of them are loaded when they are first opened. */
export function DialogHost() {
  const dialog = useStore(ui, (state) => state.dialog);
  if (dialog === null) return null;
  const Shown = dialogs[dialog.name] as ComponentType<DialogRequest>;
  return (
    <Suspense fallback={null}>
      <Shown {...dialog} />
    </Suspense>
  );
}

export { close_dialog };
