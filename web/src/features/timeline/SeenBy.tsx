import { Check, CheckCheck } from "lucide-react";
import { useT } from "../../i18n";
import { useOwnId, useSeenBy, useSync, type Chat, type Message } from "../../sync";
import css from "./SeenBy.module.css";

/** Below one's newest message: sent, or seen by how many. */
export function SeenBy({ message, chat }: { message: Message; chat: Chat }) {
  const own = useOwnId();
  const newest_own = useSync((state) => {
    const rows = state.windows.get(chat.id)?.rows ?? [];
    for (let at = rows.length - 1; at >= 0; at--) {
      if (rows[at]?.sender_id === own) return rows[at]?.id === message.id;
    }
    return false;
  });
  if (!newest_own || chat.member_count > 200) return null;
  return <Seen message={message} chat={chat} />;
}

function Seen({ message, chat }: { message: Message; chat: Chat }) {
  const t = useT();
  const seen = useSeenBy(chat.id, message.seq).length;
  const others = chat.member_count - 1;
  const text =
    seen === 0
      ? t("message.sent")
      : chat.chat_type === "Single" || seen >= others
        ? t("message.seen")
        : t("message.seen_count", { count: seen });
  return (
    <span className={css.seen}>
      {seen === 0 ? (
        <Check size={13} aria-hidden="true" />
      ) : (
        <CheckCheck size={13} aria-hidden="true" />
      )}
      {text}
    </span>
  );
}
