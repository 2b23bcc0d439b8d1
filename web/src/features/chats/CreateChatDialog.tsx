import { useId, useState } from "react";
import { Hash, Lock, MessageSquare, UsersRound } from "lucide-react";
import { useLocation } from "wouter";
import { chat_path } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, type ApiUser, type ChatFields, type ChatType, type Failure } from "../../sync";
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

interface Form {
  readonly type: ChatType;
  readonly name: string;
  readonly description: string;
  readonly chosen: readonly ApiUser[];
}

/** The four kinds of chats, each with what it asks for. */
export default function CreateChatDialog() {
  const t = useT();
  const id = useId();
  const task = useTask();
  const create = useCreate();
  const [form, setForm] = useState<Form>({ type: "Single", name: "", description: "", chosen: [] });
  const change = (fields: Partial<Form>) => setForm((before) => ({ ...before, ...fields }));
  const named = form.type === "Single" || form.name.trim() !== "";
  const enough = named && form.chosen.length >= others_min[form.type];
  return (
    <Dialog
      title={t("chats.create")}
      closeLabel={t("common.close")}
      onClose={close_dialog}
      footer={
        <>
          <Button onClick={close_dialog}>{t("common.cancel")}</Button>
          <Button kind="primary" type="submit" form={id} busy={task.busy} disabled={!enough}>
            {t("chats.create_action")}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          void task.run(() => create(form));
        }}
      >
        <Fields form={form} failure={task.failure} onChange={change} onClear={task.clear} />
      </form>
    </Dialog>
  );
}

function useCreate(): (form: Form) => Promise<void> {
  const actions = useActions();
  const attempt = useTry();
  const [, navigate] = useLocation();
  return async ({ type, name, description, chosen }) => {
    const members = chosen.map((user) => user.id);
    const fields: ChatFields = { chat_type: type };
    // A public channel begins with its creator alone; the others are added to it.
    if (type !== "PublicChannel") fields.members = members;
    if (type !== "Single") fields.name = name.trim();
    if (is_channel(type) && description.trim() !== "") fields.description = description.trim();
    const chat = await actions.createChat(fields);
    if (type === "PublicChannel" && members.length > 0) {
      void attempt(() => actions.addMembers(chat.id, members));
    }
    close_dialog();
    focus_composer_soon();
    navigate(chat_path(chat.id));
  };
}

function is_channel(type: ChatType): boolean {
  return type === "PublicChannel" || type === "PrivateChannel";
}

type FieldsProps = {
  form: Form;
  failure: Failure | null;
  onChange: (fields: Partial<Form>) => void;
  onClear: () => void;
};

function Fields({ form, failure, onChange, onClear }: FieldsProps) {
  const t = useT();
  const { type, name, description, chosen } = form;
  const of_name =
    field_text(t, failure, "name") ??
    (failure?.code === "chat.name_taken" ? failure_text(t, failure) : null);
  return (
    <>
      {failure && !of_name && <Banner tone="danger">{failure_text(t, failure)}</Banner>}
      <Kinds
        type={type}
        onChange={(next) => {
          onClear();
          onChange({ type: next, chosen: next === "Single" ? chosen.slice(0, 1) : chosen });
        }}
      />
      {type !== "Single" && (
        <TextField
          label={t("chats.name")}
          required
          maxLength={128}
          value={name}
          error={of_name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      )}
      {is_channel(type) && (
        <TextField
          label={t("chats.description")}
          maxLength={1000}
          value={description}
          onChange={(event) => onChange({ description: event.currentTarget.value })}
        />
      )}
      <PeoplePicker
        chosen={chosen}
        onChange={(next) => onChange({ chosen: next })}
        one={type === "Single"}
      />
      {type === "Group" && chosen.length < 2 && <p className={css.hint}>{t("chats.group_rule")}</p>}
    </>
  );
}

const kinds = [
  { value: "Single", icon: <MessageSquare size={16} /> },
  { value: "Group", icon: <UsersRound size={16} /> },
  { value: "PublicChannel", icon: <Hash size={16} /> },
  { value: "PrivateChannel", icon: <Lock size={16} /> },
] as const;

function Kinds({ type, onChange }: { type: ChatType; onChange: (type: ChatType) => void }) {
  const t = useT();
  const choices = kinds.map(({ value, icon }) => ({
    value,
    icon,
    label: t(`chat_type.${value}`),
    hint: t(`chat_type.${value}_hint`),
  }));
  return (
    <ChoiceGroup<ChatType>
      label={t("chats.kind")}
      cards
      value={type}
      onChange={onChange}
      choices={choices}
    />
  );
}
