import { useEffect, useState } from "react";
import { useIntl, useT } from "../../i18n";
import { useActions, usePerson, type Receipt } from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { Dialog } from "../../ui/Dialog";
import { Banner } from "../../ui/Feedback";
import { Spinner } from "../../ui/Spinner";
import { failure_text } from "../common/failure";
import { short_time } from "../common/times";
import { useTask } from "../common/useTask";
import type { DialogOf } from "../shell/DialogHost";
import { close_dialog } from "../shell/ui_store";
import css from "./Dialogs.module.css";

export default function SeenByDialog({ chat, message }: DialogOf<"seen_by">) {
  const t = useT();
  const actions = useActions();
  const { failure, run } = useTask();
  const [receipts, setReceipts] = useState<readonly Receipt[] | null>(null);
  useEffect(() => {
    void run(async () => setReceipts(await actions.receipts(chat, message)));
  }, [actions, chat, message, run]);
  return (
    <Dialog
      size="s"
      title={t("message.seen_by")}
      closeLabel={t("common.close")}
      onClose={close_dialog}
    >
      {failure && <Banner tone="danger">{failure_text(t, failure)}</Banner>}
      {!receipts && !failure && <Spinner label={t("common.loading")} />}
      {receipts?.length === 0 && <p>{t("message.not_seen")}</p>}
      <ul className={css.list}>
        {receipts?.map((receipt) => (
          <ReceiptRow key={receipt.user_id} receipt={receipt} />
        ))}
      </ul>
    </Dialog>
  );
}

function ReceiptRow({ receipt }: { receipt: Receipt }) {
  const t = useT();
  const intl = useIntl();
  const person = usePerson(receipt.user_id);
  const name = person?.fullname ?? t("people.unknown");
  return (
    <li className={css.person}>
      <Avatar id={receipt.user_id} name={name} url={person?.avatar_url ?? null} />
      <span className={css.grow}>{name}</span>
      <span className={css.hint}>
        {receipt.read_at
          ? t("message.read_at", { time: short_time(intl, t, receipt.read_at) })
          : t("message.delivered")}
      </span>
    </li>
  );
}
