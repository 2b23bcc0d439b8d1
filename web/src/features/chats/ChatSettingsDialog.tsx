import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { paths } from "../../app/routes";
import { useT } from "../../i18n";
import {
  useActions,
  useChat,
  useChatName,
  type Chat,
  type ChatSettingsFields,
  type WhoMay,
} from "../../sync";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Banner } from "../../ui/Feedback";
import { SelectField, Switch, TextAreaField, TextField } from "../../ui/Field";
import { failure_text, field_text } from "../common/failure";
import { useTask, type Task } from "../common/useTask";
import { may_manage } from "../members/rights";
import { useOwnRole } from "../members/useOwnRole";
import type { DialogOf } from "../shell/DialogHost";
import { close_dialog, open_dialog } from "../shell/ui_store";
import css from "./ChatSettingsDialog.module.css";

export default function ChatSettingsDialog({ chat: chat_id }: DialogOf<"chat_settings">) {
  const t = useT();
  const actions = useActions();
  const chat = useChat(chat_id);
  useEffect(() => {
    void actions.loadMembers(chat_id);
  }, [actions, chat_id]);
  if (!chat) return null;
  return (
    <Dialog title={t("chat_settings.title")} closeLabel={t("common.close")} onClose={close_dialog}>
      <Settings chat={chat} />
    </Dialog>
  );
}

function Settings({ chat }: { chat: Chat }) {
  const t = useT();
  const role = useOwnRole(chat);
  const task = useTask();
  const may = may_manage(role);
  return (
    <div className={css.form}>
      {task.failure && <Banner tone="danger">{failure_text(t, task.failure)}</Banner>}
      {!may && <Banner>{t("chat_settings.not_yours")}</Banner>}
      <Names chat={chat} may={may} task={task} />
      <Rules chat={chat} may={may} task={task} />
      {may && <Ending chat={chat} owner={role === "owner"} />}
    </div>
  );
}

type PartProps = { chat: Chat; may: boolean; task: Task };

/** What is stored by a button. */
function Names({ chat, may, task }: PartProps) {
  const t = useT();
  const actions = useActions();
  const [name, setName] = useState(chat.name);
  const [topic, setTopic] = useState(chat.topic);
  const [description, setDescription] = useState(chat.description);
  const save = async () => {
    const done = await task.run(async () => {
      if (name !== chat.name || description !== chat.description) {
        await actions.renameChat(chat.id, { name: name.trim(), description });
      }
      if (topic !== chat.topic) await actions.setChatSettings(chat.id, { topic });
    });
    if (done) close_dialog();
  };
  return (
    <>
      <TextField
        label={t("chats.name")}
        maxLength={128}
        disabled={!may}
        value={name}
        error={field_text(t, task.failure, "name")}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextField
        label={t("chat_settings.topic")}
        maxLength={250}
        disabled={!may}
        value={topic}
        onChange={(event) => setTopic(event.currentTarget.value)}
      />
      <TextAreaField
        label={t("chats.description")}
        maxLength={1000}
        disabled={!may}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {may && (
        <div className={css.end}>
          <Button kind="primary" busy={task.busy} onClick={() => void save()}>
            {t("common.save")}
          </Button>
        </div>
      )}
    </>
  );
}

/** What takes effect at once. */
function Rules({ chat, may, task }: PartProps) {
  const t = useT();
  const actions = useActions();
  const set = (fields: ChatSettingsFields) =>
    void task.run(() => actions.setChatSettings(chat.id, fields));
  const who = (field: "who_may_write" | "who_may_pin", label: string) => (
    <SelectField
      label={label}
      disabled={!may}
      value={chat[field]}
      onChange={(event) => set({ [field]: event.currentTarget.value as WhoMay })}
    >
      <option value="all">{t("chat_settings.all")}</option>
      <option value="admins">{t("chat_settings.admins")}</option>
    </SelectField>
  );
  return (
    <>
      <div className={css.two}>
        {who("who_may_write", t("chat_settings.who_writes"))}
        {who("who_may_pin", t("chat_settings.who_pins"))}
      </div>
      <Switch
        label={t("chat_settings.everyone")}
        hint={t("chat_settings.everyone_hint")}
        checked={chat.everyone_mentions}
        disabled={!may}
        onChange={(on) => set({ everyone_mentions: on })}
      />
    </>
  );
}

/** What ends a chat: for a time, or for good. */
function Ending({ chat, owner }: { chat: Chat; owner: boolean }) {
  const t = useT();
  const actions = useActions();
  const [, navigate] = useLocation();
  const name = useChatName(chat.id);
  const archived = chat.archived_at !== null;
  return (
    <div className={css.ending}>
      <Button
        onClick={() =>
          open_dialog({
            name: "confirm",
            title: t(archived ? "chat.unarchive" : "chat.archive"),
            text: t(archived ? "chat.unarchive_text" : "chat.archive_text"),
            action: t(archived ? "chat.unarchive" : "chat.archive"),
            run: () => actions.archiveChat(chat.id, !archived),
          })
        }
      >
        {t(archived ? "chat.unarchive" : "chat.archive")}
      </Button>
      {owner && (
        <Button
          kind="danger"
          onClick={() =>
            open_dialog({
              name: "confirm",
              title: t("chat.delete_title", { name }),
              text: t("chat.delete_text"),
              action: t("common.delete"),
              danger: true,
              run: async () => {
                await actions.deleteChat(chat.id);
                navigate(paths.home);
              },
            })
          }
        >
          {t("chat.delete")}
        </Button>
      )}
    </div>
  );
}
