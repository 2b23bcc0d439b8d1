import { Suspense, type ComponentType } from "react";
import { useStore } from "zustand";
import { close_dialog, ui, type DialogRequest } from "./ui_store";
import { lazy_part } from "../../ui/part";

type Name = DialogRequest["name"];
export type DialogOf<N extends Name> = Extract<DialogRequest, { name: N }>;

const dialogs: { [N in Name]: ComponentType<DialogOf<N>> } = {
  create_chat: lazy_part(() => import("../chats/CreateChatDialog")),
  invite: lazy_part(() => import("../members/InviteDialog")),
  switcher: lazy_part(() => import("../switcher/QuickSwitcher")),
  keyboard: lazy_part(() => import("../switcher/KeyboardHelp")),
  profile: lazy_part(() => import("../members/ProfileDialog")),
  add_members: lazy_part(() => import("../members/AddMembersDialog")),
  chat_settings: lazy_part(() => import("../chats/ChatSettingsDialog")),
  history: lazy_part(() => import("../timeline/HistoryDialog")),
  seen_by: lazy_part(() => import("../timeline/SeenByDialog")),
  viewer: lazy_part(() => import("../files/Viewer")),
  confirm: lazy_part(() => import("../common/ConfirmDialog")),
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
