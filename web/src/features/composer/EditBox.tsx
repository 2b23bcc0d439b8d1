import { useEffect, useRef } from "react";
import { useT } from "../../i18n";
import { useActions, type Chat, type Draft, type Message } from "../../sync";
import { Button } from "../../ui/Button";
import { Banner } from "../../ui/Feedback";
import { failure_text } from "../common/failure";
import { useTask } from "../common/useTask";
import { open_dialog } from "../shell/ui_store";
import { focus_composer_soon } from "./focus";
import { MessageBox, type BoxHandle } from "./MessageBox";
import { useDraftText } from "./useDraftText";
import css from "./Composer.module.css";

type EditBoxProps = { chat: Chat; message: Message; draft: Draft };

/** A message that is being edited, in its place. What is written here is a draft of its own. */
export function EditBox({ chat, message, draft }: EditBoxProps) {
  const t = useT();
  const actions = useActions();
  const box = useRef<BoxHandle>(null);
  const task = useTask();
  const { text, setText } = useDraftText(draft.key, draft.content);
  useEffect(() => box.current?.focus(), []);
  const done = () => {
    actions.dropDraft(draft.key);
    focus_composer_soon();
  };
  const save = async () => {
    const emptied = text.trim() === "" && message.files.length === 0;
    if (emptied) {
      open_dialog({
        name: "confirm",
        title: t("message.delete_title"),
        text: t("message.delete_text"),
        action: t("common.delete"),
        danger: true,
        run: async () => {
          await actions.remove(chat.id, message.id);
          done();
        },
      });
      return;
    }
    if (text === message.content) return done();
    if (await task.run(() => actions.edit(chat.id, message.id, text))) done();
  };
  return (
    <div className={css.edit}>
      {task.failure && <Banner tone="danger">{failure_text(t, task.failure)}</Banner>}
      <div className={css.frame}>
        <MessageBox
          ref={box}
          chat={chat}
          label={t("composer.label_edit")}
          value={text}
          hasFiles={message.files.length > 0}
          editing
          onChange={setText}
          onAction={(action) => {
            if (action === "send") void save();
            if (action === "cancel_edit") done();
          }}
        />
      </div>
      <div className={css.editBar}>
        <Button small onClick={done}>
          {t("common.cancel")}
        </Button>
        <Button small kind="primary" busy={task.busy} onClick={() => void save()}>
          {t("common.save")}
        </Button>
      </div>
    </div>
  );
}
