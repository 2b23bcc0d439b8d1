import { CornerUpRight } from "lucide-react";
import { Link } from "wouter";
import { thread_path } from "../../app/routes";
import { useT } from "../../i18n";
import { usePersonName, useSync, type Message } from "../../sync";
import css from "./ThreadLine.module.css";

/** Above an answer: what it answers, as far as that is held, and the way to its thread. */
export function ReplyLine({ message }: { message: Message }) {
  const t = useT();
  const root_id = message.thread_root_id ?? message.reply_to ?? message.id;
  const answered = useSync((state) => {
    const id = message.reply_to;
    const held = state.windows.get(message.chat_id)?.rows.find((row) => row.id === id);
    return held ?? state.threads.get(root_id)?.rows.find((row) => row.id === id) ?? null;
  });
  const name = usePersonName(answered?.sender_id ?? 0);
  const text = answered?.deleted_at ? t("message.deleted") : (answered?.content ?? "");
  return (
    <Link href={thread_path(message.chat_id, root_id)} className={css.reply}>
      <CornerUpRight size={13} aria-hidden="true" />
      <span>
        {answered ? (
          <>
            <span className="visually-hidden">{t("message.answers")} </span>
            <strong>{name}</strong> {text.slice(0, 160)}
          </>
        ) : (
          t("message.in_thread")
        )}
      </span>
    </Link>
  );
}
