import { useState, type FormEvent } from "react";
import { Copy } from "lucide-react";
import { paths } from "../../app/routes";
import { useIntl, useT } from "../../i18n";
import { useActions, type ApiNewInvitation } from "../../sync";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Banner } from "../../ui/Feedback";
import { TextField } from "../../ui/Field";
import { failure_text, field_text } from "../common/failure";
import { useTask } from "../common/useTask";
import { useTry } from "../common/useTry";
import { close_dialog } from "../shell/ui_store";
import css from "./InviteDialog.module.css";

export function invitation_link(token: string): string {
  return location.origin + paths.invitation.replace(":token", encodeURIComponent(token));
}

/** Makes a link that one person joins the workspace by. */
export default function InviteDialog() {
  const t = useT();
  const intl = useIntl();
  const actions = useActions();
  const attempt = useTry();
  const task = useTask();
  const [email, setEmail] = useState("");
  const [made, setMade] = useState<ApiNewInvitation | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void task.run(async () => setMade(await actions.createInvitation(email.trim() || undefined)));
  };
  const link = made ? invitation_link(made.token) : "";
  return (
    <Dialog title={t("invite.title")} closeLabel={t("common.close")} onClose={close_dialog}>
      <form className={css.form} onSubmit={submit}>
        <p>{t("invite.text")}</p>
        {task.failure && task.failure.fields.length === 0 && (
          <Banner tone="danger">{failure_text(t, task.failure)}</Banner>
        )}
        <TextField
          label={t("invite.email")}
          hint={t("invite.email_hint")}
          type="email"
          autoComplete="off"
          value={email}
          error={field_text(t, task.failure, "email")}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Button kind={made ? "secondary" : "primary"} type="submit" busy={task.busy}>
          {made ? t("invite.another") : t("invite.make")}
        </Button>
        {made && (
          <div className={css.made} role="status">
            <TextField
              label={t("invite.link")}
              hint={t("invite.until", {
                date: intl.formatDate(made.expires_at, { dateStyle: "long" }),
              })}
              readOnly
              value={link}
              onFocus={(event) => event.currentTarget.select()}
            />
            <Button
              kind="primary"
              icon={<Copy size={15} />}
              onClick={() =>
                void attempt(() => navigator.clipboard.writeText(link), t("common.link_copied"))
              }
            >
              {t("invite.copy")}
            </Button>
          </div>
        )}
      </form>
    </Dialog>
  );
}
