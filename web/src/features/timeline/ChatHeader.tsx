import type { ReactNode } from "react";
import {
  Archive,
  ArrowLeft,
  Bell,
  BellOff,
  Ellipsis,
  EyeOff,
  Info,
  Pin,
  Search,
  Settings2,
  UsersRound,
} from "lucide-react";
import { useLocation } from "wouter";
import { useStore } from "zustand";
import { paths } from "../../app/routes";
import { useIntl, useT } from "../../i18n";
import { is_muted, useActions, useChatName, usePerson, usePresence, type Chat } from "../../sync";
import { Avatar, ChatSign } from "../../ui/Avatar";
import { Tag } from "../../ui/Badge";
import { IconButton } from "../../ui/Button";
import { MenuButton } from "../../ui/MenuButton";
import type { MenuItem } from "../../ui/MenuPopover";
import { useTry } from "../common/useTry";
import { open_dialog, toggle_pane, ui } from "../shell/ui_store";
import css from "./ChatHeader.module.css";

export function ChatHeader({ chat }: { chat: Chat }) {
  const t = useT();
  const [, navigate] = useLocation();
  const name = useChatName(chat.id) || t("chats.unnamed");
  const pane = useStore(ui, (state) => state.pane);
  const single = chat.chat_type === "Single";
  const search = `${paths.search}?chat=${chat.id}`;
  return (
    <header className={css.header}>
      <IconButton label={t("shell.back")} className={css.back} onClick={() => navigate(paths.home)}>
        <ArrowLeft size={18} />
      </IconButton>
      <Sign chat={chat} name={name} />
      <div className={css.names}>
        <h1 className={css.name} dir="auto">
          {name}
        </h1>
        <Subtitle chat={chat} />
      </div>
      {chat.archived_at !== null && <Tag tone="warning">{t("chat.archived")}</Tag>}
      {!single && (
        <IconButton
          label={t("members.show", { count: chat.member_count })}
          className={css.members}
          pressed={pane === "details"}
          onClick={() => toggle_pane("details")}
        >
          <UsersRound size={17} />
          <span aria-hidden="true">{chat.member_count}</span>
        </IconButton>
      )}
      <IconButton
        label={t("pins.title")}
        className={css.wide}
        pressed={pane === "pins"}
        onClick={() => toggle_pane("pins")}
      >
        <Pin size={17} />
      </IconButton>
      <IconButton label={t("search.in_chat")} className={css.wide} onClick={() => navigate(search)}>
        <Search size={17} />
      </IconButton>
      <ChatMenu chat={chat} />
    </header>
  );
}

function Sign({ chat, name }: { chat: Chat; name: string }) {
  const person = usePerson(chat.counterpart_id);
  const presence = usePresence(chat.counterpart_id);
  if (chat.chat_type !== "Single") return <ChatSign type={chat.chat_type} size="m" />;
  return (
    <Avatar
      id={chat.counterpart_id ?? chat.id}
      name={name}
      url={person?.avatar_url ?? null}
      size="m"
      presence={presence?.status ?? "offline"}
    />
  );
}

function Subtitle({ chat }: { chat: Chat }) {
  const t = useT();
  const intl = useIntl();
  const person = usePerson(chat.counterpart_id);
  const presence = usePresence(chat.counterpart_id);
  if (chat.chat_type !== "Single") {
    const text = chat.topic || chat.description;
    return text ? (
      <p className={css.topic} dir="auto" title={text}>
        {text}
      </p>
    ) : null;
  }
  const status = presence?.status ?? "offline";
  const seen = presence?.last_seen;
  const text =
    status === "offline" && seen
      ? t("presence.last_seen", {
          time: intl.formatDate(seen, { dateStyle: "medium", timeStyle: "short" }),
        })
      : t(`presence.${status}`);
  return <p className={css.topic}>{person?.title ? `${person.title} · ${text}` : text}</p>;
}

const hour_ms = 3_600_000;

function ChatMenu({ chat }: { chat: Chat }) {
  const t = useT();
  const [, navigate] = useLocation();
  const mute = useMuteItems(chat);
  const hide = useHideItem(chat);
  const search = `${paths.search}?chat=${chat.id}`;
  const item = (id: string, label: string, icon: ReactNode, onSelect: () => void) => ({
    id,
    label,
    icon,
    onSelect,
  });
  const settings_icon = chat.archived_at === null ? <Settings2 size={16} /> : <Archive size={16} />;
  const items = (): MenuItem[] => [
    item("details", t("details.title"), <Info size={16} />, () => toggle_pane("details")),
    item("pins", t("pins.title"), <Pin size={16} />, () => toggle_pane("pins")),
    item("search", t("search.in_chat"), <Search size={16} />, () => navigate(search)),
    "separator",
    ...mute,
    hide,
    ...(chat.chat_type === "Single"
      ? []
      : [
          item("settings", t("chat_settings.title"), settings_icon, () =>
            open_dialog({ name: "chat_settings", chat: chat.id }),
          ),
        ]),
  ];
  return (
    <MenuButton label={t("chat.menu")} tip="left" items={items}>
      <Ellipsis size={18} />
    </MenuButton>
  );
}

function useMuteItems(chat: Chat): MenuItem[] {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const until = (hours: number) => new Date(Date.now() + hours * hour_ms).toISOString();
  const mute = (to: string | "forever" | null, done: string) =>
    void attempt(() => actions.mute(chat.id, to), done);
  if (is_muted(chat, Date.now())) {
    const unmute = () => mute(null, t("chat.unmuted"));
    return [{ id: "unmute", label: t("chat.unmute"), icon: <Bell size={16} />, onSelect: unmute }];
  }
  const icon = <BellOff size={16} />;
  const done = t("chat.muted_now");
  return [
    { id: "hour", label: t("chat.mute_hour"), icon, onSelect: () => mute(until(1), done) },
    { id: "day", label: t("chat.mute_day"), icon, onSelect: () => mute(until(24), done) },
    { id: "mute", label: t("chat.mute"), icon, onSelect: () => mute("forever", done) },
  ];
}

function useHideItem(chat: Chat): MenuItem {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const [, navigate] = useLocation();
  const onSelect = () => {
    navigate(paths.home);
    void attempt(() => actions.hideChat(chat.id), t("chat.hidden"));
  };
  return { id: "hide", label: t("chat.hide"), icon: <EyeOff size={16} />, onSelect };
}
