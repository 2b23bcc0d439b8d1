import { useState, type FormEvent } from "react";
import { useT } from "../../i18n";
import { useActions, useSession } from "../../sync";
import { Button } from "../../ui/Button";
import { Banner } from "../../ui/Feedback";
import { PasswordField, TextField } from "../../ui/Field";
import { show_toast } from "../../ui/toasts";
import { failure_text, field_text } from "../common/failure";
import { useTask } from "../common/useTask";
import { useTry } from "../common/useTry";
import { open_dialog } from "../shell/ui_store";
import css from "./Settings.module.css";

export function AccountSection() {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const session = useSession();
  if (session.status !== "signed_in") return null;
  return (
    <>
      <h2 className={css.title}>{t("settings.account")}</h2>
      <TextField label={t("auth.email")} readOnly value={session.user.email} />
      <div className={css.group}>
        <PasswordForm />
      </div>
      <div className={css.group}>
        <div className={css.row}>
          <Button onClick={() => void attempt(() => actions.signOut())}>
            {t("auth.sign_out")}
          </Button>
          <Button
            kind="quiet"
            onClick={() =>
              open_dialog({
                name: "confirm",
                title: t("settings.sign_out_everywhere"),
                text: t("settings.sign_out_everywhere_text"),
                action: t("settings.sign_out_everywhere"),
                run: () => actions.signOutEverywhere(),
              })
            }
          >
            {t("settings.sign_out_everywhere")}
          </Button>
        </div>
      </div>
    </>
  );
}

function PasswordForm() {
  const t = useT();
  const actions = useActions();
  const task = useTask();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await task.run(() => actions.changePassword(current, next)))) return;
    setCurrent("");
    setNext("");
    show_toast(t("settings.password_changed"));
  };
  const general = task.failure && task.failure.fields.length === 0 ? task.failure : null;
  const show = { showLabel: t("auth.show_password"), hideLabel: t("auth.hide_password") };
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      {general && <Banner tone="danger">{failure_text(t, general)}</Banner>}
      <PasswordField
        {...show}
        label={t("settings.current_password")}
        autoComplete="current-password"
        required
        value={current}
        error={field_text(t, task.failure, "current_password")}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      <PasswordField
        {...show}
        label={t("settings.new_password")}
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={128}
        hint={t("auth.password_hint")}
        value={next}
        error={field_text(t, task.failure, "new_password")}
        onChange={(event) => setNext(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" busy={task.busy}>
          {t("settings.change_password")}
        </Button>
      </div>
    </form>
  );
}
