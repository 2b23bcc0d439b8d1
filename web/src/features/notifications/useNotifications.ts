import { useEffect } from "react";
import { useLocation } from "wouter";
import { message_path } from "../../app/routes";
import { useIntl, useT } from "../../i18n";
import { chat_name, person_name, useClient, type Notice } from "../../sync";

const text_max = 160;

/**
 * Shows one notification for each message that its user should hear of. The client calls in one
 * tab of the browser alone; the tag makes two of one message one.
 */
export function useNotifications(): void {
  const client = useClient();
  const t = useT();
  const intl = useIntl();
  const [, navigate] = useLocation();
  useEffect(
    () =>
      client.onNotice((notice: Notice) => {
        if (!("Notification" in window) || Notification.permission !== "granted") return;
        const state = client.store.getState();
        const { view } = state;
        if (view.visible && view.focused && view.chat_id === notice.chat_id) return;
        const chat = state.chats.get(notice.chat_id);
        const sender = person_name(state.people, notice.message.sender_id);
        const name = chat ? chat_name(chat, state.people) : "";
        const title =
          chat?.chat_type === "Single" ? sender : t("notification.title", { sender, chat: name });
        const body = notice.message.content.slice(0, text_max) || t("notification.file");
        const shown = make_notification(title, {
          body,
          tag: `message-${notice.message.id}`,
          icon: "/icon-192.png",
          lang: intl.locale,
        });
        shown?.addEventListener("click", () => {
          window.focus();
          navigate(message_path(notice.chat_id, notice.message.id));
          shown.close();
        });
      }),
    [client, t, intl, navigate],
  );
}

/** Null where a page may not make one itself, as on Android. */
function make_notification(title: string, options: NotificationOptions): Notification | null {
  try {
    return new Notification(title, options);
  } catch {
    return null;
  }
}
