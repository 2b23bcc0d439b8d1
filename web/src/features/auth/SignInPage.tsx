import { useEffect, useState, type FormEvent } from "react";
import { Link } from "wouter";
import { paths } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, useSession } from "../../sync";
import { Button } from "../../ui/Button";
import { Banner } from "../../ui/Feedback";
import { PasswordField, TextField } from "../../ui/Field";
import { failure_text } from "../common/failure";
import { useTask } from "../common/useTask";
import { AuthLayout, InsecureNotice } from "./AuthLayout";
import css from "./Auth.module.css";

/** The address stays what it was: after signing in, the page that was asked for is shown. */
export function SignInPage() {
  const t = useT();
  const actions = useActions();
  const session = useSession();
  const { busy, failure, run } = useTask();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  useEffect(() => {
    document.title = `${t("auth.sign_in")} · Fechatter`;
  }, [t]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(() => actions.signIn(email.trim(), password));
  };
  const ended = session.status === "signed_out" && session.reason === "ended";
  return (
    <AuthLayout
      title={t("auth.welcome")}
      lead={t("auth.sign_in_lead")}
      footer={
        <>
          {t("auth.no_account")} <Link href={paths.sign_up}>{t("auth.sign_up")}</Link>
        </>
      }
    >
      <InsecureNotice />
      <form className={css.form} onSubmit={submit} aria-label={t("auth.sign_in")}>
        {ended && !failure && <Banner tone="warning">{t("auth.session_ended")}</Banner>}
        {failure && <Banner tone="danger">{failure_text(t, failure)}</Banner>}
        <TextField
          label={t("auth.email")}
          type="email"
          name="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordField
          label={t("auth.password")}
          name="password"
          autoComplete="current-password"
          required
          showLabel={t("auth.show_password")}
          hideLabel={t("auth.hide_password")}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button kind="primary" type="submit" wide busy={busy}>
          {t("auth.sign_in")}
        </Button>
      </form>
    </AuthLayout>
  );
}
