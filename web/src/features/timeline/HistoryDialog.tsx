import { useEffect, useState } from "react";
import { useIntl, useT } from "../../i18n";
import { useActions, type ApiMessageEdit } from "../../sync";
import { Dialog } from "../../ui/Dialog";
import { Banner } from "../../ui/Feedback";
import { Spinner } from "../../ui/Spinner";
import { failure_text } from "../common/failure";
import { full_time } from "../common/times";
import { useTask } from "../common/useTask";
import { Markdown } from "../markdown/Markdown";
import type { DialogOf } from "../shell/DialogHost";
import { close_dialog } from "../shell/ui_store";
import css from "./Dialogs.module.css";

/** The former texts of a message. */
export default function HistoryDialog({ chat, message }: DialogOf<"history">) {
  const t = useT();
  const intl = useIntl();
  const actions = useActions();
  const { failure, run } = useTask();
  const [edits, setEdits] = useState<readonly ApiMessageEdit[] | null>(null);
  useEffect(() => {
    void run(async () => setEdits(await actions.history(chat, message)));
  }, [actions, chat, message, run]);
  return (
    <Dialog title={t("history.title")} closeLabel={t("common.close")} onClose={close_dialog}>
      {failure && <Banner tone="danger">{failure_text(t, failure)}</Banner>}
      {!edits && !failure && <Spinner label={t("common.loading")} />}
      {edits?.length === 0 && <p>{t("history.none")}</p>}
      <ul className={css.list}>
        {edits?.map((edit) => (
          <li key={edit.edited_at} className={css.edit}>
            <time dateTime={edit.edited_at}>{full_time(intl, edit.edited_at)}</time>
            <Markdown content={edit.content} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
