import { Link } from "wouter";
import { useIntl, useT } from "../../i18n";
import { useChatName, useOwnId, usePerson, type Message } from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { short_time } from "../common/times";
import { FileCards } from "../files/Attachments";
import { Markdown } from "../markdown/Markdown";
import { place_of } from "../timeline/useGo";
import css from "./MessageCard.module.css";

type MessageCardProps = { message: Message; with_chat?: boolean; note?: React.ReactNode };

/** A message outside of its chat; its head leads to its place. */
export function MessageCard({ message, with_chat, note }: MessageCardProps) {
  const t = useT();
  const intl = useIntl();
  const own = useOwnId();
  const sender = usePerson(message.sender_id);
  const name = sender?.fullname ?? t("people.unknown");
  const chat = useChatName(message.chat_id);
  return (
    <article className={css.card}>
      <div className={css.head}>
        <Avatar id={message.sender_id} name={name} url={sender?.avatar_url ?? null} size="s" />
        <span className={css.name}>{name}</span>
        <Link href={place_of(message)} className={css.place}>
          {with_chat && chat ? `${chat} · ` : ""}
          {short_time(intl, t, message.created_at)}
          <span className="visually-hidden"> {t("message.go")}</span>
        </Link>
        {note}
      </div>
      {message.deleted_at !== null ? (
        <p className={css.deleted}>{t("message.deleted")}</p>
      ) : (
        <Markdown content={message.content} ranges={message.mention_ranges} ownId={own} />
      )}
      {message.deleted_at === null && <FileCards urls={message.files} />}
    </article>
  );
}
