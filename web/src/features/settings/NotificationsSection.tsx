import { useState } from "react";
import { useT } from "../../i18n";
import { useActions, usePreferences, type ApiPreferences } from "../../sync";
import { Button } from "../../ui/Button";
import { Banner } from "../../ui/Feedback";
import { ChoiceGroup, Switch } from "../../ui/Field";
import { useTry } from "../common/useTry";
import css from "./Settings.module.css";

type About = ApiPreferences["notifications"];

export function NotificationsSection() {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const preferences = usePreferences();
  const set = (fields: Partial<ApiPreferences>) =>
    void attempt(() => actions.setPreferences(fields));
  return (
    <>
      <h2 className={css.title}>{t("settings.notifications")}</h2>
      <BrowserPermission />
      <ChoiceGroup<About>
        label={t("settings.notify_about")}
        cards
        value={preferences?.notifications ?? "all"}
        onChange={(notifications) => set({ notifications })}
        choices={[
          { value: "all", label: t("settings.notify_all") },
          {
            value: "mentions",
            label: t("settings.notify_mentions"),
            hint: t("settings.notify_mentions_hint"),
          },
          { value: "none", label: t("settings.notify_none") },
        ]}
      />
      <Switch
        label={t("settings.show_read")}
        hint={t("settings.show_read_hint")}
        checked={preferences?.show_read ?? true}
        disabled={preferences === null}
        onChange={(show_read) => set({ show_read })}
      />
    </>
  );
}

function BrowserPermission() {
  const t = useT();
  const known = "Notification" in window;
  const [permission, setPermission] = useState(known ? Notification.permission : "denied");
  if (permission === "granted") {
    return <Banner tone="success">{t("settings.browser_granted")}</Banner>;
  }
  if (permission === "denied") {
    return <Banner tone="warning">{t("settings.browser_denied")}</Banner>;
  }
  return (
    <Banner
      action={
        <Button
          small
          kind="primary"
          onClick={() => void Notification.requestPermission().then(setPermission)}
        >
          {t("settings.browser_allow")}
        </Button>
      }
    >
      {t("settings.browser_ask")}
    </Banner>
  );
}
