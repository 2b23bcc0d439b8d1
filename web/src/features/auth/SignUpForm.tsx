import { useState, type FormEvent } from "react";
import { useLocation } from "wouter";
import { paths } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, type ApiInvitationOffer, type Failure, type SignUpFields } from "../../sync";
import { Button } from "../../ui/Button";
import { Banner } from "../../ui/Feedback";
import { PasswordField, TextField } from "../../ui/Field";
import { failure_text, field_text } from "../common/failure";
import { useTask } from "../common/useTask";
import css from "./Auth.module.css";

const shown_fields = new Set(["fullname", "email", "password", "workspace"]);

/** What no field shows. */
function rest_of(failure: Failure | null): Failure | null {
  if (failure === null) return null;
  return failure.fields.some(({ field }) => shown_fields.has(field)) ? null : failure;
}

type SignUpFormProps = { invitation?: { token: string; offer: ApiInvitationOffer } };

/** With an invitation to a workspace there is no name of one to give. */
export function SignUpForm({ invitation }: SignUpFormProps) {
  const t = useT();
  const actions = useActions();
  const [, navigate] = useLocation();
  const { busy, failure, run } = useTask();
  const [fullname, setFullname] = useState("");
  const [email, setEmail] = useState(invitation?.offer.email ?? "");
  const [password, setPassword] = useState("");
  const [workspace, setWorkspace] = useState("");
  const asks_workspace = !invitation || invitation.offer.workspace === null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const fields: SignUpFields = { fullname: fullname.trim(), email: email.trim(), password };
    if (asks_workspace && workspace.trim() !== "") fields.workspace = workspace.trim();
    if (invitation) fields.invitation = invitation.token;
    if (await run(() => actions.signUp(fields))) navigate(paths.home, { replace: true });
  };
  const general = rest_of(failure);
  return (
    <form
      className={css.form}
      onSubmit={(event) => void submit(event)}
      aria-label={t("auth.sign_up")}
    >
      {general && <Banner tone="danger">{failure_text(t, general)}</Banner>}
      <TextField
        label={t("auth.fullname")}
        name="fullname"
        autoComplete="name"
        required
        autoFocus
        maxLength={50}
        value={fullname}
        error={field_text(t, failure, "fullname")}
        onChange={(event) => setFullname(event.currentTarget.value)}
      />
      <TextField
        label={t("auth.email")}
        type="email"
        name="email"
        autoComplete="username"
        required
        readOnly={Boolean(invitation?.offer.email)}
        value={email}
        error={field_text(t, failure, "email")}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordField
        label={t("auth.password")}
        name="password"
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={128}
        hint={t("auth.password_hint")}
        showLabel={t("auth.show_password")}
        hideLabel={t("auth.hide_password")}
        value={password}
        error={field_text(t, failure, "password")}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {asks_workspace && (
        <TextField
          label={t("auth.workspace")}
          name="workspace"
          autoComplete="organization"
          required
          maxLength={32}
          hint={t("auth.workspace_hint")}
          value={workspace}
          error={field_text(t, failure, "workspace")}
          onChange={(event) => setWorkspace(event.currentTarget.value)}
        />
      )}
      <Button kind="primary" type="submit" wide busy={busy}>
        {invitation?.offer.workspace
          ? t("auth.join", { workspace: invitation.offer.workspace })
          : t("auth.sign_up")}
      </Button>
    </form>
  );
}
