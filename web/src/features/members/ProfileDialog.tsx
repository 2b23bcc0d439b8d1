import { useEffect } from "react";
import { Ban, Mail, MessageSquare } from "lucide-react";
import { useLocation } from "wouter";
import { chat_path } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, useOwnId, usePerson, usePresence, type Person } from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { Tag } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Banner } from "../../ui/Feedback";
import { Spinner } from "../../ui/Spinner";
import { failure_text } from "../common/failure";
import { usePresenceWatch } from "../common/usePresenceWatch";
import { useTask } from "../common/useTask";
import { focus_composer_soon } from "../composer/focus";
import type { DialogOf } from "../shell/DialogHost";
import { close_dialog, open_dialog } from "../shell/ui_store";
import css from "./ProfileDialog.module.css";

/** A person of the workspace, and the way to write to it. */
export default function ProfileDialog({ user }: DialogOf<"profile">) {
  const t = useT();
  const actions = useActions();
  const own = useOwnId();
  const person = usePerson(user);
  useEffect(() => {
    void actions.loadPerson(user);
  }, [actions, user]);
  usePresenceWatch("profile", [user]);
  return (
    <Dialog
      size="s"
      title={t("people.profile")}
      closeLabel={t("common.close")}
      onClose={close_dialog}
    >
      {person ? (
        <div className={css.profile}>
          <About person={person} />
          {user !== own && <Buttons person={person} />}
        </div>
      ) : (
        <Spinner label={t("common.loading")} />
      )}
    </Dialog>
  );
}

function About({ person }: { person: Person }) {
  const t = useT();
  const status = usePresence(person.id)?.status ?? "offline";
  return (
    <>
      <Avatar
        id={person.id}
        name={person.fullname}
        url={person.avatar_url}
        size="xl"
        presence={status}
      />
      <p className={css.name} dir="auto">
        {person.fullname}
      </p>
      <p className={css.status}>
        {person.title ? `${person.title} · ` : ""}
        {t(`presence.${status}`)}
      </p>
      <div className={css.tags}>
        {person.role && person.role !== "member" && (
          <Tag tone="accent">{t(`role.${person.role}`)}</Tag>
        )}
        {person.status === "Suspended" && <Tag tone="warning">{t("people.suspended")}</Tag>}
      </div>
      {person.bio && (
        <p className={css.bio} dir="auto">
          {person.bio}
        </p>
      )}
      {person.email && (
        <a className={css.mail} href={`mailto:${person.email}`}>
          <Mail size={15} aria-hidden="true" />
          {person.email}
        </a>
      )}
    </>
  );
}

function Buttons({ person }: { person: Person }) {
  const t = useT();
  const actions = useActions();
  const [, navigate] = useLocation();
  const task = useTask();
  const write = () =>
    task.run(async () => {
      const chat = await actions.createChat({ chat_type: "Single", members: [person.id] });
      close_dialog();
      focus_composer_soon();
      navigate(chat_path(chat.id));
    });
  const block = () =>
    open_dialog({
      name: "confirm",
      title: t("people.block_title", { name: person.fullname }),
      text: t("people.block_text"),
      action: t("people.block"),
      danger: true,
      run: () => actions.block(person.id, true),
    });
  return (
    <>
      {task.failure && <Banner tone="danger">{failure_text(t, task.failure)}</Banner>}
      <div className={css.buttons}>
        <Button
          kind="primary"
          busy={task.busy}
          icon={<MessageSquare size={16} />}
          disabled={person.status === "Suspended"}
          onClick={() => void write()}
        >
          {t("people.write")}
        </Button>
        <Button kind="quiet" icon={<Ban size={16} />} onClick={block}>
          {t("people.block")}
        </Button>
      </div>
    </>
  );
}
