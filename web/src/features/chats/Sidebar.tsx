import { memo, useMemo, useState } from "react";
import { Link, useRoute } from "wouter";
import {
  AtSign,
  Bookmark,
  ChevronDown,
  Compass,
  Keyboard,
  ListFilter,
  LogOut,
  MessageSquareText,
  Plus,
  Search,
  Settings,
  UserPlus,
} from "lucide-react";
import { paths } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, useChatList, useSession, useSync } from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { CountBadge, Kbd } from "../../ui/Badge";
import { IconButton } from "../../ui/Button";
import { Skeleton } from "../../ui/Feedback";
import { MenuButton } from "../../ui/MenuButton";
import { usePresenceWatch } from "../common/usePresenceWatch";
import { useTry } from "../common/useTry";
import { command_key } from "../switcher/platform";
import { open_dialog } from "../shell/ui_store";
import { ChatSection } from "./ChatSection";
import { sections } from "./order";
import css from "./Sidebar.module.css";

const watched_max = 100;

type Navigate = (path: string) => void;

/** The workspace, the ways to everything, and the chats. */
export const Sidebar = memo(function Sidebar({ navigate }: { navigate: Navigate }) {
  const t = useT();
  return (
    <nav className={css.sidebar} aria-label={t("shell.navigation")} data-region="chats">
      <WorkspaceHead navigate={navigate} />
      <button
        type="button"
        className={css.search}
        onClick={() => open_dialog({ name: "switcher" })}
      >
        <Search size={15} aria-hidden="true" />
        <span>{t("switcher.open")}</span>
        <Kbd>{command_key("K")}</Kbd>
      </button>
      <div className={css.scroll}>
        <Places />
        <Chats navigate={navigate} />
      </div>
    </nav>
  );
});

function WorkspaceHead({ navigate }: { navigate: Navigate }) {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const session = useSession();
  if (session.status !== "signed_in") return null;
  const { user, workspace } = session;
  const may_invite = user.role !== "member";
  return (
    <header className={css.head}>
      <Avatar id={user.id} name={user.fullname} url={user.avatar_url} size="s" />
      <div className={css.who}>
        <strong>{workspace.name}</strong>
        <span>{user.fullname}</span>
      </div>
      <MenuButton
        label={t("shell.menu")}
        tip="left"
        items={() => [
          {
            id: "settings",
            label: t("settings.title"),
            icon: <Settings size={16} />,
            onSelect: () => navigate("/settings"),
          },
          ...(may_invite
            ? [
                {
                  id: "invite",
                  label: t("invite.title"),
                  icon: <UserPlus size={16} />,
                  onSelect: () => open_dialog({ name: "invite" as const }),
                },
              ]
            : []),
          {
            id: "keyboard",
            label: t("keyboard.title"),
            icon: <Keyboard size={16} />,
            onSelect: () => open_dialog({ name: "keyboard" }),
          },
          "separator",
          {
            id: "sign_out",
            label: t("auth.sign_out"),
            icon: <LogOut size={16} />,
            onSelect: () => void attempt(() => actions.signOut()),
          },
        ]}
      >
        <ChevronDown size={16} />
      </MenuButton>
    </header>
  );
}

function Places() {
  const t = useT();
  const mentions = useSync((state) => {
    let count = 0;
    for (const chat of state.chats.values()) if (!chat.hidden) count += chat.mention_count;
    return count;
  });
  const places = [
    { path: paths.mentions, name: t("lists.mentions"), icon: <AtSign size={16} />, mentions },
    { path: paths.threads, name: t("lists.threads"), icon: <MessageSquareText size={16} /> },
    { path: paths.saved, name: t("lists.saved"), icon: <Bookmark size={16} /> },
    { path: paths.channels, name: t("chats.browse"), icon: <Compass size={16} /> },
  ];
  return (
    <ul className={css.places} aria-label={t("shell.places")}>
      {places.map((place) => (
        <li key={place.path}>
          <Place {...place} />
        </li>
      ))}
    </ul>
  );
}

function Place({
  path,
  name,
  icon,
  mentions = 0,
}: {
  path: string;
  name: string;
  icon: React.ReactNode;
  mentions?: number;
}) {
  const t = useT();
  const [current] = useRoute(path);
  return (
    <Link href={path} className={css.place} aria-current={current ? "page" : undefined}>
      <span aria-hidden="true">{icon}</span>
      <span className={css.placeName}>{name}</span>
      <CountBadge count={mentions} loud label={t("chats.mentions", { count: mentions })} />
    </Link>
  );
}

function Chats({ navigate }: { navigate: Navigate }) {
  const t = useT();
  const chats = useChatList();
  const people = useSync((state) => state.people);
  const status = useSync((state) => state.chats_status);
  usePresenceWatch(
    "sidebar",
    chats.flatMap((chat) => chat.counterpart_id ?? []).slice(0, watched_max),
  );
  const [unread_only, setUnreadOnly] = useState(false);
  const chat_id = useSync((state) => (unread_only ? state.view.chat_id : null));
  const shown = useMemo(
    () => sections(chats, people, unread_only, chat_id),
    [chats, people, unread_only, chat_id],
  );
  return (
    <>
      <div className={css.tools}>
        <h2 className={css.heading}>{t("chats.title")}</h2>
        <IconButton
          small
          label={t("chats.unread_only")}
          tip="left"
          pressed={unread_only}
          onClick={() => setUnreadOnly(!unread_only)}
        >
          <ListFilter size={15} />
        </IconButton>
        <IconButton
          small
          label={t("chats.create")}
          tip="left"
          onClick={() => open_dialog({ name: "create_chat" })}
        >
          <Plus size={16} />
        </IconButton>
      </div>
      {chats.length === 0 && (status === "loading" || status === "idle") ? (
        <Skeleton rows={5} label={t("common.loading")} />
      ) : (
        <ul aria-label={t("chats.title")} className={css.sections}>
          <ChatSection name={t("chats.channels")} chats={shown.channels} navigate={navigate} />
          <ChatSection name={t("chats.people")} chats={shown.people} navigate={navigate} />
        </ul>
      )}
      {chats.length > 0 && shown.channels.length + shown.people.length === 0 && (
        <p className={css.none}>{t("chats.nothing_unread")}</p>
      )}
      {chats.length === 0 && status === "ready" && <p className={css.none}>{t("chats.none")}</p>}
    </>
  );
}
