import { useRef, useState, type FormEvent } from "react";
import { useT } from "../../i18n";
import { useActions, usePreferences, useSession, type ApiUser } from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { Banner } from "../../ui/Feedback";
import { TextAreaField, TextField } from "../../ui/Field";
import { show_toast } from "../../ui/toasts";
import { failure_text, field_text } from "../common/failure";
import { useTask } from "../common/useTask";
import { useAvatarUpload } from "./useAvatarUpload";
import css from "./Settings.module.css";

export function ProfileSection() {
  const session = useSession();
  if (session.status !== "signed_in") return null;
  return <ProfileForm user={session.user} />;
}

function ProfileForm({ user }: { user: ApiUser }) {
  const t = useT();
  const actions = useActions();
  const preferences = usePreferences();
  const task = useTask();
  const [fullname, setFullname] = useState(user.fullname);
  const [title, setTitle] = useState(user.title ?? "");
  const [bio, setBio] = useState(user.bio ?? "");
  const [status, setStatus] = useState<string | null>(null);
  const shown_status = status ?? preferences?.custom_status ?? "";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await task.run(async () => {
      await actions.updateProfile({ fullname: fullname.trim(), title, bio });
      if (status !== null) await actions.setPreferences({ custom_status: status || null });
    });
    if (done) show_toast(t("settings.saved"));
  };
  const general = task.failure && task.failure.fields.length === 0 ? task.failure : null;
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <h2 className={css.title}>{t("settings.profile")}</h2>
      {general && <Banner tone="danger">{failure_text(t, general)}</Banner>}
      <Picture user={user} />
      <TextField
        label={t("auth.fullname")}
        required
        maxLength={50}
        autoComplete="name"
        value={fullname}
        error={field_text(t, task.failure, "fullname")}
        onChange={(event) => setFullname(event.currentTarget.value)}
      />
      <TextField
        label={t("settings.job")}
        hint={t("settings.job_hint")}
        maxLength={100}
        value={title}
        error={field_text(t, task.failure, "title")}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <TextAreaField
        label={t("settings.bio")}
        maxLength={500}
        value={bio}
        error={field_text(t, task.failure, "bio")}
        onChange={(event) => setBio(event.currentTarget.value)}
      />
      <TextField
        label={t("settings.status")}
        hint={t("settings.status_hint")}
        maxLength={100}
        value={shown_status}
        error={field_text(t, task.failure, "custom_status")}
        onChange={(event) => setStatus(event.currentTarget.value)}
      />
      <div>
        <Button kind="primary" type="submit" busy={task.busy}>
          {t("common.save")}
        </Button>
      </div>
    </form>
  );
}

function Picture({ user }: { user: ApiUser }) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const { choose, remove, busy } = useAvatarUpload();
  return (
    <div className={css.row}>
      <Avatar id={user.id} name={user.fullname} url={user.avatar_url} size="xl" />
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/webp"
        hidden
        aria-label={t("settings.choose_picture")}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) choose(file);
          event.currentTarget.value = "";
        }}
      />
      <Button busy={busy} onClick={() => input.current?.click()}>
        {t("settings.choose_picture")}
      </Button>
      {user.avatar_url && (
        <Button kind="quiet" onClick={remove}>
          {t("settings.remove_picture")}
        </Button>
      )}
    </div>
  );
}
