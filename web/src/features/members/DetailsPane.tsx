import { useEffect, useMemo, useState } from "react";
import {
  Crown,
  Ellipsis,
  LogOut,
  Settings2,
  Shield,
  ShieldOff,
  UserMinus,
  UserPlus,
} from "lucide-react";
import { useLocation } from "wouter";
import { paths } from "../../app/routes";
import { useT } from "../../i18n";
import {
  useActions,
  useChatName,
  useMembers,
  useOwnId,
  usePerson,
  usePresence,
  type Chat,
  type Member,
  type Role,
} from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { Tag } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Skeleton } from "../../ui/Feedback";
import { TextField } from "../../ui/Field";
import { MenuButton } from "../../ui/MenuButton";
import type { MenuItem } from "../../ui/MenuPopover";
import { Pane } from "../../ui/Pane";
import { usePresenceWatch } from "../common/usePresenceWatch";
import { useTry } from "../common/useTry";
import { folded } from "../composer/suggest";
import { open_dialog } from "../shell/ui_store";
import { may_manage } from "./rights";
import { useOwnRole } from "./useOwnRole";
import css from "./DetailsPane.module.css";

const ranks: Record<Role, number> = { owner: 0, admin: 1, member: 2 };
const find_above = 12; // members
const watched_max = 100;

/** What a chat is, and who is in it. */
export default function DetailsPane({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const t = useT();
  const actions = useActions();
  const role = useOwnRole(chat);
  const members = useMembers(chat.id);
  const [typed, setTyped] = useState("");
  const missing = !members;
  useEffect(() => {
    if (missing) void actions.loadMembers(chat.id);
  }, [missing, actions, chat.id]);
  const list = members?.list;
  usePresenceWatch(
    "details",
    (list ?? []).slice(0, watched_max).map((member) => member.user_id),
  );
  const shown = useMemo(() => sorted(list ?? [], typed), [list, typed]);
  const single = chat.chat_type === "Single";
  return (
    <Pane title={t("details.title")} closeLabel={t("details.close")} onClose={onClose}>
      <div className={css.scroll}>
        <About chat={chat} />
        {!single && may_manage(role) && (
          <div className={css.buttons}>
            <Button
              small
              icon={<UserPlus size={15} />}
              onClick={() => open_dialog({ name: "add_members", chat: chat.id })}
            >
              {t("members.add")}
            </Button>
            <Button
              small
              icon={<Settings2 size={15} />}
              onClick={() => open_dialog({ name: "chat_settings", chat: chat.id })}
            >
              {t("chat_settings.short")}
            </Button>
          </div>
        )}
        <h3 className={css.heading}>{t("members.title", { count: chat.member_count })}</h3>
        {chat.member_count > find_above && (
          <div className={css.find}>
            <TextField
              label={t("members.find")}
              type="search"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          </div>
        )}
        {!list && <Skeleton rows={3} label={t("common.loading")} />}
        <ul className={css.members} aria-label={t("members.list")}>
          {shown.map((member) => (
            <li key={member.user_id}>
              <MemberRow chat={chat} member={member} own_role={role} />
            </li>
          ))}
        </ul>
        {!single && <LeaveButton chat={chat} />}
      </div>
    </Pane>
  );
}

function sorted(list: readonly Member[], typed: string): Member[] {
  const wanted = folded(typed);
  return list
    .filter((member) => folded(`${member.fullname} ${member.email}`).includes(wanted))
    .toSorted((a, b) => ranks[a.role] - ranks[b.role] || a.fullname.localeCompare(b.fullname));
}

function About({ chat }: { chat: Chat }) {
  const t = useT();
  const name = useChatName(chat.id);
  const person = usePerson(chat.counterpart_id);
  return (
    <section className={css.about}>
      <p className={css.name} dir="auto">
        {name}
      </p>
      <Tag>{t(`chat_type.${chat.chat_type}`)}</Tag>
      {chat.archived_at !== null && <Tag tone="warning">{t("chat.archived")}</Tag>}
      {chat.topic && <p dir="auto">{chat.topic}</p>}
      {chat.description && <p dir="auto">{chat.description}</p>}
      {person?.bio && <p dir="auto">{person.bio}</p>}
    </section>
  );
}

type MemberRowProps = { chat: Chat; member: Member; own_role: Role | null };

function MemberRow({ chat, member, own_role }: MemberRowProps) {
  const t = useT();
  const own = useOwnId();
  const person = usePerson(member.user_id);
  const presence = usePresence(member.user_id);
  const status = presence?.status ?? "offline";
  const items = useMemberItems({ chat, member, own_role });
  const name = person?.fullname ?? member.fullname;
  return (
    <div className={css.member}>
      <button
        type="button"
        className={css.person}
        onClick={() => open_dialog({ name: "profile", user: member.user_id })}
      >
        <Avatar
          id={member.user_id}
          name={name}
          url={person?.avatar_url ?? null}
          presence={status}
          presenceLabel={t(`presence.${status}`)}
        />
        <span className={css.who}>
          <span>
            {name}
            {member.user_id === own && ` ${t("people.you")}`}
          </span>
          <span className={css.hint}>{person?.title ?? member.email}</span>
        </span>
      </button>
      {member.role !== "member" && <Tag>{t(`role.${member.role}`)}</Tag>}
      {items.length > 0 && (
        <MenuButton small tip="left" label={t("members.menu", { name })} items={() => items}>
          <Ellipsis size={16} />
        </MenuButton>
      )}
    </div>
  );
}

/** What the user may do about a member: the owner everything, an admin removes members. */
function useMemberItems({ chat, member, own_role }: MemberRowProps): MenuItem[] {
  const t = useT();
  const actions = useActions();
  const own = useOwnId();
  const attempt = useTry();
  if (member.user_id === own || chat.chat_type === "Single") return [];
  const name = member.fullname;
  const set_role = (role: Role) =>
    void attempt(() => actions.setRole(chat.id, member.user_id, role));
  const items: MenuItem[] = [];
  if (own_role === "owner") {
    items.push(
      member.role === "admin"
        ? {
            id: "member",
            label: t("members.make_member"),
            icon: <ShieldOff size={16} />,
            onSelect: () => set_role("member"),
          }
        : {
            id: "admin",
            label: t("members.make_admin"),
            icon: <Shield size={16} />,
            onSelect: () => set_role("admin"),
          },
      {
        id: "owner",
        label: t("members.hand_over"),
        icon: <Crown size={16} />,
        onSelect: () =>
          open_dialog({
            name: "confirm",
            title: t("members.hand_over_title", { name }),
            text: t("members.hand_over_text"),
            action: t("members.hand_over"),
            run: () => actions.setRole(chat.id, member.user_id, "owner"),
          }),
      },
    );
  }
  if (may_manage(own_role) && member.role !== "owner") {
    items.push({
      id: "remove",
      label: t("members.remove"),
      icon: <UserMinus size={16} />,
      danger: true,
      onSelect: () =>
        open_dialog({
          name: "confirm",
          title: t("members.remove_title", { name }),
          text: t("members.remove_text"),
          action: t("members.remove"),
          danger: true,
          run: () => actions.removeMember(chat.id, member.user_id),
        }),
    });
  }
  return items;
}

function LeaveButton({ chat }: { chat: Chat }) {
  const t = useT();
  const actions = useActions();
  const [, navigate] = useLocation();
  const name = useChatName(chat.id);
  const leave = () =>
    open_dialog({
      name: "confirm",
      title: t("chat.leave_title", { name }),
      text: t(chat.chat_type === "PublicChannel" ? "chat.leave_public" : "chat.leave_private"),
      action: t("chat.leave"),
      danger: true,
      run: async () => {
        await actions.leaveChat(chat.id);
        navigate(paths.home);
      },
    });
  return (
    <div className={css.buttons}>
      <Button small kind="quiet" icon={<LogOut size={15} />} onClick={leave}>
        {t("chat.leave")}
      </Button>
    </div>
  );
}
