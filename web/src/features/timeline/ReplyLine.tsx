import { CornerUpRight } from "lucide-react";
import { Link } from "wouter";
import { thread_path } from "../../app/routes";
import { useT } from "../../i18n";
import { usePersonName, useSync, type Message } from "../../sync";
import css from "./ThreadLine.module.css";

/** Ids of a chat's messages grow with their order. */
function message_of(rows: readonly Message[] | undefined, id: number): Message | null {
  let [low, high] = [0, (rows?.length ?? 0) - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows?.[middle];
    if (!row || row.id === id) return row ?? null;
    if (row.id < id) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

/** Above an answer: what it answers, as far as that is held, and the way to its thread. */
export function ReplyLine({ message }: { message: Message }) {
  const t = useT();
  const root_id = message.thread_root_id ?? message.reply_to ?? message.id;
  const answered = useSync((state) => {
    const id = message.reply_to;
    if (id === null) return null;
    const held = message_of(state.windows.get(message.chat_id)?.rows, id);
    return held ?? message_of(state.threads.get(root_id)?.rows, id);
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
