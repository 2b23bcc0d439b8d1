import { Link } from "wouter";
import { thread_path } from "../../app/routes";
import { useIntl, useT } from "../../i18n";
import { useSyncShallow, type Message } from "../../sync";
import { AvatarStack } from "../../ui/Avatar";
import { short_time } from "../common/times";
import css from "./ThreadLine.module.css";

/** Below a message with answers: how many, of whom, and the way to them. */
export function ThreadLine({ message }: { message: Message }) {
  const t = useT();
  const intl = useIntl();
  const thread = message.thread;
  const people = useSyncShallow((state) =>
    (thread?.repliers ?? []).slice(0, 4).map((id) => state.people.get(id) ?? id),
  );
  if (thread === null || thread.reply_count === 0) return null;
  return (
    <Link href={thread_path(message.chat_id, message.id)} className={css.thread}>
      <AvatarStack
        people={people.map((person) =>
          typeof person === "number"
            ? { id: person, name: "?" }
            : { id: person.id, name: person.fullname, url: person.avatar_url },
        )}
      />
      <span className={css.count}>{t("thread.replies", { count: thread.reply_count })}</span>
      {thread.last_reply_at && (
        <span className={css.last}>
          {t("thread.last", { time: short_time(intl, t, thread.last_reply_at) })}
        </span>
      )}
    </Link>
  );
}
