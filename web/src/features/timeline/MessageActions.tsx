import { Suspense, useRef, useState } from "react";
import {
  Bookmark,
  Copy,
  Ellipsis,
  Eye,
  Link2,
  MailOpen,
  MessageSquareReply,
  Pencil,
  Pin,
  PinOff,
  SmilePlus,
  Trash2,
} from "lucide-react";
import { useLocation } from "wouter";
import { message_path, thread_path } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, useOwnId, type Chat, type Message } from "../../sync";
import { IconButton } from "../../ui/Button";
import { MenuButton } from "../../ui/MenuButton";
import type { MenuItem } from "../../ui/MenuPopover";
import { useTry } from "../common/useTry";
import { may_delete, may_edit, may_pin } from "../members/rights";
import { useOwnRole } from "../members/useOwnRole";
import { open_dialog } from "../shell/ui_store";
import { lazy_part } from "../../ui/part";
import css from "./MessageActions.module.css";

const EmojiPopover = lazy_part(() => import("../emoji/EmojiPopover"));

type MessageActionsProps = { message: Message; chat: Chat; in_thread: boolean };

/** The buttons of the row under the pointer or with the focus. */
export function MessageActions({ message, chat, in_thread }: MessageActionsProps) {
  const t = useT();
  const actions = useActions();
  const [, navigate] = useLocation();
  const own = useOwnId();
  const role = useOwnRole(chat);
  const open = chat.archived_at === null;
  const start_edit = () =>
    actions.setDraft(`edit:${chat.id}:${message.id}`, {
      content: message.content,
      reply_to: message.id, // so that it is a draft without a text, too
    });
  return (
    <div className={css.bar} role="toolbar" aria-label={t("message.actions")}>
      {open && <ReactButton message={message} />}
      {!in_thread && open && (
        <IconButton
          small
          tip="top"
          label={t("message.reply")}
          onClick={() => navigate(thread_path(chat.id, message.thread_root_id ?? message.id))}
        >
          <MessageSquareReply size={16} />
        </IconButton>
      )}
      {may_edit(chat, message, own) && (
        <IconButton small tip="top" label={t("message.edit")} onClick={start_edit}>
          <Pencil size={15} />
        </IconButton>
      )}
      <MoreMenu message={message} chat={chat} own={own} role={role} />
    </div>
  );
}

function ReactButton({ message }: { message: Message }) {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        ref={trigger}
        small
        tip="top"
        label={t("message.react")}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <SmilePlus size={16} />
      </IconButton>
      {open && (
        <Suspense fallback={null}>
          <EmojiPopover
            trigger={trigger}
            onClose={() => setOpen(false)}
            onPick={(emoji) =>
              void attempt(() => actions.react(message.chat_id, message.id, emoji, true))
            }
          />
        </Suspense>
      )}
    </>
  );
}

type MoreProps = {
  message: Message;
  chat: Chat;
  own: number | null;
  role: ReturnType<typeof useOwnRole>;
};

function MoreMenu({ message, chat, own, role }: MoreProps) {
  const t = useT();
  const items = useMoreItems({ message, chat, own, role });
  return (
    <MenuButton small tip="left" label={t("message.more")} items={items}>
      <Ellipsis size={16} />
    </MenuButton>
  );
}

function item(id: string, label: string, icon: React.ReactNode, onSelect: () => void) {
  return { id, label, icon, onSelect };
}

function useMoreItems({ message, chat, own, role }: MoreProps): () => MenuItem[] {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const copy = (text: string, done: string) =>
    void attempt(() => navigator.clipboard.writeText(text), done);
  const remove = () =>
    open_dialog({
      name: "confirm",
      title: t("message.delete_title"),
      text: t("message.delete_text"),
      action: t("common.delete"),
      danger: true,
      run: () => actions.remove(chat.id, message.id),
    });
  const mark_unread = () => void attempt(() => actions.markUnread(chat.id, message.id));
  return () => [
    item("link", t("message.copy_link"), <Link2 size={16} />, () =>
      copy(location.origin + message_path(chat.id, message.id), t("common.link_copied")),
    ),
    item("copy", t("message.copy_text"), <Copy size={16} />, () =>
      copy(message.content, t("common.copied")),
    ),
    item(
      "save",
      t("message.save"),
      <Bookmark size={16} />,
      () => void attempt(() => actions.save(message.id, true), t("message.saved")),
    ),
    item("unread", t("message.mark_unread"), <MailOpen size={16} />, mark_unread),
    ...(may_pin(chat, role)
      ? [
          item(
            "pin",
            message.pinned ? t("message.unpin") : t("message.pin"),
            message.pinned ? <PinOff size={16} /> : <Pin size={16} />,
            () => void attempt(() => actions.pin(chat.id, message.id, !message.pinned)),
          ),
        ]
      : []),
    ...(message.sender_id === own && chat.member_count <= 200
      ? [
          item("seen", t("message.seen_by"), <Eye size={16} />, () =>
            open_dialog({ name: "seen_by", chat: chat.id, message: message.id }),
          ),
        ]
      : []),
    ...(may_delete(message, own, role)
      ? [
          "separator" as const,
          { ...item("delete", t("common.delete"), <Trash2 size={16} />, remove), danger: true },
        ]
      : []),
  ];
}
