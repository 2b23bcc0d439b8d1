import { useState, type ChangeEvent, type FormEvent } from "react";
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
  const [form, setForm] = useState<Form>({
    fullname: "",
    email: invitation?.offer.email ?? "",
    password: "",
    workspace: "",
  });
  const asks_workspace = !invitation || invitation.offer.workspace === null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { fullname, email, password, workspace } = form;
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
      <Fields
        form={form}
        failure={failure}
        fixed_email={Boolean(invitation?.offer.email)}
        asks_workspace={asks_workspace}
        onChange={(fields) => setForm((before) => ({ ...before, ...fields }))}
      />
      <Button kind="primary" type="submit" wide busy={busy}>
        {invitation?.offer.workspace
          ? t("auth.join", { workspace: invitation.offer.workspace })
          : t("auth.sign_up")}
      </Button>
    </form>
  );
}

interface Form {
  readonly fullname: string;
  readonly email: string;
  readonly password: string;
  readonly workspace: string;
}

type FieldsProps = {
  form: Form;
  failure: Failure | null;
  fixed_email: boolean;
  asks_workspace: boolean;
  onChange: (fields: Partial<Form>) => void;
};

function Fields({ form, failure, fixed_email, asks_workspace, onChange }: FieldsProps) {
  const t = useT();
  const of = (field: keyof Form) => ({
    name: field,
    required: true,
    value: form[field],
    error: field_text(t, failure, field),
    onChange: (event: ChangeEvent<HTMLInputElement>) =>
      onChange({ [field]: event.currentTarget.value }),
  });
  return (
    <>
      <TextField
        {...of("fullname")}
        label={t("auth.fullname")}
        autoComplete="name"
        autoFocus
        maxLength={50}
      />
      <TextField
        {...of("email")}
        label={t("auth.email")}
        type="email"
        autoComplete="username"
        readOnly={fixed_email}
      />
      <PasswordField
        {...of("password")}
        label={t("auth.password")}
        autoComplete="new-password"
        minLength={8}
        maxLength={128}
        hint={t("auth.password_hint")}
        showLabel={t("auth.show_password")}
        hideLabel={t("auth.hide_password")}
      />
      {asks_workspace && (
        <TextField
          {...of("workspace")}
          label={t("auth.workspace")}
          autoComplete="organization"
          maxLength={32}
          hint={t("auth.workspace_hint")}
        />
      )}
    </>
  );
}
