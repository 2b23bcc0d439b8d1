import { memo, startTransition, useEffect, useId, useState, type MouseEvent } from "react";
import { BellOff, ChevronDown, ChevronRight, PencilLine } from "lucide-react";
import { chat_path } from "../../app/routes";
import { useT } from "../../i18n";
import {
  is_muted,
  useChatName,
  useDraft,
  usePerson,
  usePresence,
  useSync,
  type Chat,
} from "../../sync";
import { Avatar, ChatSign } from "../../ui/Avatar";
import { CountBadge } from "../../ui/Badge";
import { classes } from "../../ui/classes";
import css from "./Sidebar.module.css";

const first_shown = 40; // more than a screen has

/** More of a list than a screen has is made behind what else the page needs at its start. */
function useAllOf(chats: readonly Chat[]): readonly Chat[] {
  const [all, setAll] = useState(false);
  useEffect(() => startTransition(() => setAll(true)), []);
  return all ? chats : chats.slice(0, first_shown);
}

type ChatSectionProps = {
  name: string;
  chats: readonly Chat[];
  navigate: (path: string) => void;
};

/** A part of the list, which can be folded; what is unread stays visible. */
export function ChatSection({ name, chats, navigate }: ChatSectionProps) {
  const id = useId();
  const [folded, setFolded] = useState(false);
  const open_chat = useSync(({ view }) => (folded ? view.chat_id : null));
  const made = useAllOf(chats);
  if (chats.length === 0) return null;
  const shown = folded
    ? chats.filter((chat) => chat.unread_count > 0 || chat.id === open_chat)
    : made;
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
          <ChatLink key={chat.id} chat={chat} navigate={navigate} />
        ))}
      </ul>
    </li>
  );
}

type ChatLinkProps = { chat: Chat; navigate: (path: string) => void };

/** It asks for nothing that changes with the address: there are hundreds of it. */
const ChatLink = memo(function ChatLink({ chat, navigate }: ChatLinkProps) {
  const t = useT();
  const current = useSync(({ view }) => view.chat_id === chat.id);
  const name = useChatName(chat.id) || t("chats.unnamed");
  const draft = useDraft(`chat:${chat.id}`);
  const muted = is_muted(chat, Date.now());
  const unread = chat.unread_count > 0;
  const written = draft !== undefined && (draft.content.trim() !== "" || draft.files.length > 0);
  const follow = (event: MouseEvent) => {
    if (!is_plain_click(event)) return;
    event.preventDefault();
    navigate(chat_path(chat.id));
  };
  return (
    <li>
      <a
        href={chat_path(chat.id)}
        className={classes(css.chat, unread && !muted && css.unread, muted && css.muted)}
        aria-current={current ? "page" : undefined}
        onClick={follow}
      >
        <Sign chat={chat} name={name} />
        <span className={css.chatName} dir="auto">
          {name}
        </span>
        {written && !current && (
          <PencilLine size={13} className={css.mark} role="img" aria-label={t("chats.draft")} />
        )}
        {muted && (
          <BellOff size={13} className={css.mark} role="img" aria-label={t("chats.muted")} />
        )}
        <Count chat={chat} muted={muted} />
      </a>
    </li>
  );
});

/** Other clicks open it in a tab of its own, or elsewhere. */
function is_plain_click(event: MouseEvent): boolean {
  const { metaKey, ctrlKey, shiftKey, altKey, button } = event;
  return !metaKey && !ctrlKey && !shiftKey && !altKey && button === 0;
}

function Count({ chat, muted }: { chat: Chat; muted: boolean }) {
  const t = useT();
  const { mention_count, unread_count } = chat;
  if (mention_count > 0) {
    const label = t("chats.mentions", { count: mention_count });
    return <CountBadge loud count={mention_count} label={label} />;
  }
  if (muted || unread_count === 0) return null;
  return <CountBadge count={unread_count} label={t("chats.unread", { count: unread_count })} />;
}

function Sign({ chat, name }: { chat: Chat; name: string }) {
  if (chat.chat_type !== "Single") return <ChatSign type={chat.chat_type} />;
  return <PersonSign chat={chat} name={name} />;
}

function PersonSign({ chat, name }: { chat: Chat; name: string }) {
  const t = useT();
  const person = usePerson(chat.counterpart_id);
  const presence = usePresence(chat.counterpart_id);
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
