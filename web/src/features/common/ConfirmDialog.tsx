import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Banner } from "../../ui/Feedback";
import type { DialogOf } from "../shell/DialogHost";
import { close_dialog } from "../shell/ui_store";
import { failure_text } from "./failure";
import { useTask } from "./useTask";

export default function ConfirmDialog({ title, text, action, danger, run }: DialogOf<"confirm">) {
  const t = useT();
  const task = useTask();
  const confirm = async () => {
    if (await task.run(run)) close_dialog();
  };
  return (
    <Dialog
      title={title}
      role="alertdialog"
      size="s"
      closeLabel={t("common.close")}
      onClose={close_dialog}
      footer={
        <>
          <Button onClick={close_dialog}>{t("common.cancel")}</Button>
          <Button
            kind={danger ? "danger" : "primary"}
            busy={task.busy}
            autoFocus
            onClick={() => void confirm()}
          >
            {action}
          </Button>
        </>
      }
    >
      {task.failure && <Banner tone="danger">{failure_text(t, task.failure)}</Banner>}
      <p>{text}</p>
    </Dialog>
  );
}
