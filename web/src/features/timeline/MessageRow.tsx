import { memo, useCallback, type FocusEvent } from "react";
import { Pin, Trash2 } from "lucide-react";
import { useIntl, useT } from "../../i18n";
import { useDraft, useOwnId, usePerson, type Chat, type Message } from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { classes } from "../../ui/classes";
import { clock_time, full_time } from "../common/times";
import { Attachments } from "../files/Attachments";
import { Markdown } from "../markdown/Markdown";
import { has_touch_keyboard } from "../switcher/platform";
import { open_dialog } from "../shell/ui_store";
import { EditBox } from "../composer/EditBox";
import { MessageActions } from "./MessageActions";
import { Reactions } from "./Reactions";
import { ReplyLine } from "./ReplyLine";
import { SeenBy } from "./SeenBy";
import { ThreadLine } from "./ThreadLine";
import css from "./MessageRow.module.css";

type MessageRowProps = {
  row_key: string;
  message: Message;
  follows: boolean;
  chat: Chat;
  /** It has the pointer or the focus. */
  active: boolean;
  /** A link has led to it. */
  focused: boolean;
  /** The Tab key comes here: of a list, one row. */
  tabStop: boolean;
  onActive: (key: string | null) => void;
  /** Beside a chat: no thread line, no answer line. */
  in_thread?: boolean;
};

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { row_key, message, follows, active, focused, tabStop, onActive } = props;
  const t = useT();
  const intl = useIntl();
  const own = useOwnId();
  const sender = usePerson(message.sender_id);
  const name = sender?.fullname ?? t("people.unknown");
  const deleted = message.deleted_at !== null;
  const text = deleted ? t("message.deleted") : message.content || t("message.file");
  const loud = !deleted && message.sender_id !== own && mentions(message, own);
  const blur = (event: FocusEvent<HTMLElement>) => {
    if (!event.currentTarget.contains(event.relatedTarget)) onActive(null);
  };
  return (
    // oxlint-disable-next-line no-noninteractive-element-interactions, click-events-have-key-events -- focus shows its buttons, too
    <article
      data-key={row_key}
      data-message={message.id}
      data-seq={message.seq}
      tabIndex={active || tabStop ? 0 : -1}
      aria-label={t("message.label", {
        name,
        text: text.slice(0, 300),
        time: full_time(intl, message.created_at),
      })}
      className={classes(
        css.message,
        follows && css.follows,
        active && css.active,
        loud && css.loud,
        message.pinned && css.pinned,
        focused && css.focused,
      )}
      onFocus={() => onActive(row_key)}
      onBlur={blur}
      onClick={(event) => {
        const on_text = !(event.target as Element).closest("a, button, textarea");
        if (on_text && has_touch_keyboard()) onActive(row_key);
      }}
    >
      <div className={css.gutter}>
        {follows ? (
          <time dateTime={message.created_at} className={css.gutterTime}>
            {clock_time(intl, message.created_at)}
          </time>
        ) : (
          <button
            type="button"
            className={css.person}
            aria-label={t("people.profile_of", { name })}
            tabIndex={active ? 0 : -1}
            onClick={() => open_dialog({ name: "profile", user: message.sender_id })}
          >
            <Avatar id={message.sender_id} name={name} url={sender?.avatar_url ?? null} />
          </button>
        )}
      </div>
      <div className={css.body}>
        {!follows && <Head message={message} name={name} />}
        <MessageBody {...props} own={own} />
      </div>
    </article>
  );
});

function Head({ message, name }: { message: Message; name: string }) {
  const t = useT();
  const intl = useIntl();
  return (
    <div className={css.head}>
      <span className={css.name} dir="auto">
        {name}
      </span>
      <time dateTime={message.created_at} title={full_time(intl, message.created_at)}>
        {clock_time(intl, message.created_at)}
      </time>
      {message.pinned && <Pin size={12} role="img" aria-label={t("message.pinned")} />}
    </div>
  );
}

function mentions(message: Message, own: number | null): boolean {
  if (own === null) return false;
  return (
    message.mentions.includes(own) ||
    message.mention_ranges.some((range) => typeof range.user_id !== "number")
  );
}

function MessageBody({
  message,
  chat,
  active,
  in_thread,
  own,
}: MessageRowProps & { own: number | null }) {
  const t = useT();
  const intl = useIntl();
  const is_own = message.sender_id === own;
  const edit_key = `edit:${chat.id}:${message.id}` as const;
  const editing = useDraft(is_own ? edit_key : null);
  const show_person = useCallback((user: number) => open_dialog({ name: "profile", user }), []);
  if (message.deleted_at !== null) {
    return (
      <p className={css.tombstone}>
        <Trash2 size={14} aria-hidden="true" />
        {t("message.deleted")}
      </p>
    );
  }
  if (editing) return <EditBox chat={chat} message={message} draft={editing} />;
  return (
    <>
      {message.reply_to !== null && !in_thread && <ReplyLine message={message} />}
      {message.content !== "" && (
        <Markdown
          content={message.content}
          ranges={message.mention_ranges}
          ownId={own}
          onMention={show_person}
          after={
            message.edited_at && (
              <button
                type="button"
                className={css.edited}
                title={full_time(intl, message.edited_at)}
                tabIndex={active ? 0 : -1}
                onClick={() => open_dialog({ name: "history", chat: chat.id, message: message.id })}
              >
                {t("message.edited")}
              </button>
            )
          }
        />
      )}
      {message.files.length > 0 && <Attachments message={message} />}
      {message.reactions.length > 0 && (
        <Reactions message={message} chat={chat} active={active} />
      )}
      {message.thread !== null && !in_thread && <ThreadLine message={message} />}
      {is_own && !in_thread && <SeenBy message={message} chat={chat} />}
      {active && <MessageActions message={message} chat={chat} in_thread={in_thread ?? false} />}
    </>
  );
}
