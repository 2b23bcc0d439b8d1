import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { paths } from "../../app/routes";
import { useT } from "../../i18n";
import type { MessageKey } from "../../i18n/locale";
import { Page } from "../../ui/Page";
import { AccountSection } from "./AccountSection";
import { AppearanceSection } from "./AppearanceSection";
import { NotificationsSection } from "./NotificationsSection";
import { ProfileSection } from "./ProfileSection";
import css from "./Settings.module.css";

// A new section is a line here and a file beside this one.
const sections: Record<string, { name: MessageKey; content: () => ReactNode }> = {
  profile: { name: "settings.profile", content: () => <ProfileSection /> },
  appearance: { name: "settings.appearance", content: () => <AppearanceSection /> },
  notifications: { name: "settings.notifications", content: () => <NotificationsSection /> },
  account: { name: "settings.account", content: () => <AccountSection /> },
};

export default function SettingsPage({ section }: { section: string }) {
  const t = useT();
  const [, navigate] = useLocation();
  const id = section in sections ? section : "profile";
  const shown = sections[id];
  return (
    <Page
      title={t("settings.title")}
      backLabel={t("shell.back")}
      onBack={() => navigate(paths.home)}
    >
      <div className={css.layout}>
        <nav aria-label={t("settings.sections")} className={css.nav}>
          {Object.entries(sections).map(([each, { name }]) => (
            <Link
              key={each}
              href={`/settings/${each}`}
              aria-current={each === id ? "page" : undefined}
            >
              {t(name)}
            </Link>
          ))}
        </nav>
        {shown && (
          <section className={css.section} aria-label={t(shown.name)}>
            {shown.content()}
          </section>
        )}
      </div>
    </Page>
  );
}
