import { Clock, TriangleAlert } from "lucide-react";
import { useIntl, useT } from "../../i18n";
import { useActions, useSession, type Pending } from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { failure_text } from "../common/failure";
import { clock_time } from "../common/times";
import { FileCards } from "../files/Attachments";
import { Markdown } from "../markdown/Markdown";
import message_css from "./MessageRow.module.css";
import css from "./PendingRow.module.css";

/** A message that is being sent, in the place where it will be. */
export function PendingRow({ pending, follows }: { pending: Pending; follows: boolean }) {
  const t = useT();
  const intl = useIntl();
  const session = useSession();
  if (session.status !== "signed_in") return null;
  const { user } = session;
  const failed = pending.status === "failed";
  return (
    <article
      aria-label={t(failed ? "message.label_failed" : "message.label_sending", {
        name: user.fullname,
        text: pending.content.slice(0, 300) || t("message.file"),
      })}
      className={classes(message_css.message, follows && message_css.follows)}
      data-key={pending.key}
      data-pending={pending.status}
    >
      <div className={message_css.gutter}>
        {!follows && <Avatar id={user.id} name={user.fullname} url={user.avatar_url} />}
      </div>
      <div className={message_css.body}>
        {!follows && (
          <div className={message_css.head}>
            <span className={message_css.name}>{user.fullname}</span>
            <time dateTime={pending.created_at}>{clock_time(intl, pending.created_at)}</time>
          </div>
        )}
        <div className={css.content}>
          {pending.content !== "" && <Markdown content={pending.content} />}
          <FileCards urls={pending.files} />
          {pending.status !== "failed" && pending.attempts > 0 && (
            <p className={css.waiting}>
              <Clock size={13} aria-hidden="true" /> {t("message.waiting")}
            </p>
          )}
        </div>
        {failed && <Failed pending={pending} />}
      </div>
    </article>
  );
}

function Failed({ pending }: { pending: Pending }) {
  const t = useT();
  const actions = useActions();
  return (
    <div className={css.failed} role="alert">
      <TriangleAlert size={14} aria-hidden="true" />
      <span>
        {t("message.not_sent")}
        {pending.error && ` ${failure_text(t, pending.error)}`}
      </span>
      <Button small kind="quiet" onClick={() => actions.retry(pending.key)}>
        {t("common.retry")}
      </Button>
      <Button small kind="quiet" onClick={() => actions.discard(pending.key)}>
        {t("common.delete")}
      </Button>
    </div>
  );
}
