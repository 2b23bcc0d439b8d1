import { memo, useId, useState } from "react";
import { Link } from "wouter";
import { BellOff, ChevronDown, ChevronRight, PencilLine } from "lucide-react";
import { chat_path } from "../../app/routes";
import { useT } from "../../i18n";
import {
  is_muted,
  useChatName,
  useDraft,
  usePerson,
  usePresence,
  useView,
  type Chat,
} from "../../sync";
import { Avatar, ChatSign } from "../../ui/Avatar";
import { CountBadge } from "../../ui/Badge";
import { classes } from "../../ui/classes";
import css from "./Sidebar.module.css";

/** A part of the list, which can be folded; what is unread stays visible. */
export function ChatSection({ name, chats }: { name: string; chats: readonly Chat[] }) {
  const id = useId();
  const { chat_id } = useView();
  const [folded, setFolded] = useState(false);
  if (chats.length === 0) return null;
  const shown = folded
    ? chats.filter((chat) => chat.unread_count > 0 || chat.id === chat_id)
    : chats;
  return (
    <li>
      <h3 className={css.sectionHead}>
        <button
          type="button"
          id={id}
          aria-expanded={!folded}
          className={css.fold}
          onClick={() => setFolded(!folded)}
        >
          {folded ? <ChevronRight size={13} /> : <ChevronDown size={13} />}
          {name}
        </button>
      </h3>
      <ul aria-labelledby={id}>
        {shown.map((chat) => (
          <li key={chat.id}>
            <ChatLink chat={chat} current={chat.id === chat_id} />
          </li>
        ))}
      </ul>
    </li>
  );
}

const ChatLink = memo(function ChatLink({ chat, current }: { chat: Chat; current: boolean }) {
  const t = useT();
  const name = useChatName(chat.id) || t("chats.unnamed");
  const draft = useDraft(`chat:${chat.id}`);
  const muted = is_muted(chat, Date.now());
  const unread = chat.unread_count > 0;
  const written = draft !== undefined && (draft.content.trim() !== "" || draft.files.length > 0);
  return (
    <Link
      href={chat_path(chat.id)}
      className={classes(css.chat, unread && !muted && css.unread, muted && css.muted)}
      aria-current={current ? "page" : undefined}
    >
      <Sign chat={chat} name={name} />
      <span className={css.chatName} dir="auto">
        {name}
      </span>
      {written && !current && (
        <PencilLine size={13} className={css.mark} role="img" aria-label={t("chats.draft")} />
      )}
      {muted && <BellOff size={13} className={css.mark} role="img" aria-label={t("chats.muted")} />}
      {chat.mention_count > 0 ? (
        <CountBadge
          loud
          count={chat.mention_count}
          label={t("chats.mentions", { count: chat.mention_count })}
        />
      ) : (
        !muted && (
          <CountBadge
            count={chat.unread_count}
            label={t("chats.unread", { count: chat.unread_count })}
          />
        )
      )}
    </Link>
  );
});

function Sign({ chat, name }: { chat: Chat; name: string }) {
  const t = useT();
  const person = usePerson(chat.counterpart_id);
  const presence = usePresence(chat.counterpart_id);
  if (chat.chat_type !== "Single") return <ChatSign type={chat.chat_type} />;
  const status = presence?.status ?? "offline";
  return (
    <Avatar
      id={chat.counterpart_id ?? chat.id}
      name={name}
      url={person?.avatar_url ?? null}
      size="s"
      presence={status}
      presenceLabel={t(`presence.${status}`)}
    />
  );
}
