import { useId, useState, type FormEvent } from "react";
import { Hash, Lock, MessageSquare, UsersRound } from "lucide-react";
import { useLocation } from "wouter";
import { chat_path } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, type ApiUser, type ChatFields, type ChatType } from "../../sync";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Banner } from "../../ui/Feedback";
import { ChoiceGroup, TextField } from "../../ui/Field";
import { failure_text, field_text } from "../common/failure";
import { useTask } from "../common/useTask";
import { useTry } from "../common/useTry";
import { focus_composer_soon } from "../composer/focus";
import { PeoplePicker } from "../members/PeoplePicker";
import { close_dialog } from "../shell/ui_store";
import css from "./CreateChatDialog.module.css";

const others_min: Record<ChatType, number> = {
  Single: 1,
  Group: 2,
  PrivateChannel: 0,
  PublicChannel: 0,
};

/** The four kinds of chats, each with what it asks for. */
export default function CreateChatDialog() {
  const t = useT();
  const form = useId();
  const actions = useActions();
  const [, navigate] = useLocation();
  const task = useTask();
  const attempt = useTry();
  const [type, setType] = useState<ChatType>("Single");
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [chosen, setChosen] = useState<readonly ApiUser[]>([]);
  const channel = type === "PublicChannel" || type === "PrivateChannel";
  const enough = chosen.length >= others_min[type] && (type === "Single" || name.trim() !== "");
  const change_type = (next: ChatType) => {
    setType(next);
    task.clear();
    if (next === "Single") setChosen(chosen.slice(0, 1));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const members = chosen.map((user) => user.id);
    const fields: ChatFields = { chat_type: type };
    // A public channel begins with its creator alone; the others are added to it.
    if (type !== "PublicChannel") fields.members = members;
    if (type !== "Single") fields.name = name.trim();
    if (channel && description.trim() !== "") fields.description = description.trim();
    await task.run(async () => {
      const chat = await actions.createChat(fields);
      if (!fields.members && members.length > 0) {
        void attempt(() => actions.addMembers(chat.id, members));
      }
      close_dialog();
      focus_composer_soon();
      navigate(chat_path(chat.id));
    });
  };
  const general = task.failure && !field_text(t, task.failure, "name") ? task.failure : null;
  return (
    <Dialog
      title={t("chats.create")}
      closeLabel={t("common.close")}
      onClose={close_dialog}
      footer={
        <>
          <Button onClick={close_dialog}>{t("common.cancel")}</Button>
          <Button kind="primary" type="submit" form={form} busy={task.busy} disabled={!enough}>
            {t("chats.create_action")}
          </Button>
        </>
      }
    >
      <form id={form} className={css.form} onSubmit={(event) => void submit(event)}>
        {general && <Banner tone="danger">{failure_text(t, general)}</Banner>}
        <ChoiceGroup<ChatType>
          label={t("chats.kind")}
          cards
          value={type}
          onChange={change_type}
          choices={[
            choice("Single", <MessageSquare size={16} />),
            choice("Group", <UsersRound size={16} />),
            choice("PublicChannel", <Hash size={16} />),
            choice("PrivateChannel", <Lock size={16} />),
          ]}
        />
        {type !== "Single" && (
          <TextField
            label={t("chats.name")}
            required
            maxLength={128}
            value={name}
            error={
              field_text(t, task.failure, "name") ??
              (task.failure?.code === "chat.name_taken" ? failure_text(t, task.failure) : null)
            }
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        {channel && (
          <TextField
            label={t("chats.description")}
            maxLength={1000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
        )}
        <PeoplePicker chosen={chosen} onChange={setChosen} one={type === "Single"} />
        {type === "Group" && chosen.length < 2 && (
          <p className={css.hint}>{t("chats.group_rule")}</p>
        )}
      </form>
    </Dialog>
  );

  function choice(value: ChatType, icon: React.ReactNode) {
    return { value, icon, label: t(`chat_type.${value}`), hint: t(`chat_type.${value}_hint`) };
  }
}
