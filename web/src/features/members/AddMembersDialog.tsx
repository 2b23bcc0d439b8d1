import { useState } from "react";
import { useT } from "../../i18n";
import { useActions, useChat, useChatName, useMembers, type ApiUser } from "../../sync";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Banner } from "../../ui/Feedback";
import { failure_text } from "../common/failure";
import { useTask } from "../common/useTask";
import type { DialogOf } from "../shell/DialogHost";
import { close_dialog } from "../shell/ui_store";
import { PeoplePicker } from "./PeoplePicker";

export default function AddMembersDialog({ chat: chat_id }: DialogOf<"add_members">) {
  const t = useT();
  const actions = useActions();
  const chat = useChat(chat_id);
  const name = useChatName(chat_id);
  const members = useMembers(chat_id);
  const task = useTask();
  const [chosen, setChosen] = useState<readonly ApiUser[]>([]);
  const present = members?.list.map((member) => member.user_id) ?? chat?.chat_members ?? [];
  const add = async () => {
    const ids = chosen.map((user) => user.id);
    if (await task.run(() => actions.addMembers(chat_id, ids))) close_dialog();
  };
  return (
    <Dialog
      title={t("members.add_to", { name })}
      closeLabel={t("common.close")}
      onClose={close_dialog}
      footer={
        <>
          <Button onClick={close_dialog}>{t("common.cancel")}</Button>
          <Button
            kind="primary"
            busy={task.busy}
            disabled={chosen.length === 0}
            onClick={() => void add()}
          >
            {t("members.add_count", { count: chosen.length })}
          </Button>
        </>
      }
    >
      {task.failure && <Banner tone="danger">{failure_text(t, task.failure)}</Banner>}
      <PeoplePicker chosen={chosen} onChange={setChosen} without={present} />
    </Dialog>
  );
}
