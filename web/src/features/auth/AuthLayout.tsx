import type { ReactNode } from "react";
import { useStore } from "zustand";
import { useT } from "../../i18n";
import { choose_locale, language, locales } from "../../i18n/locale";
import { Logo } from "../../ui/Logo";
import css from "./Auth.module.css";

/** The frame of the pages of a person that is not signed in. */
export function AuthLayout({
  title,
  lead,
  children,
  footer,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
}) {
  const t = useT();
  const locale = useStore(language, (state) => state.locale);
  return (
    <div className={css.page}>
      <main className={css.card}>
        <div className={css.brand}>
          <Logo />
          <span>Fechatter</span>
        </div>
        <h1 className={css.title}>{title}</h1>
        {lead && <p className={css.lead}>{lead}</p>}
        {children}
        {footer && <p className={css.footer}>{footer}</p>}
      </main>
      <nav className={css.languages} aria-label={t("settings.language")}>
        {locales.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            lang={id}
            aria-current={id === locale ? "true" : undefined}
            onClick={() => void choose_locale(id)}
          >
            {name}
          </button>
        ))}
      </nav>
    </div>
  );
}

/** Where the page cannot work: cookies are refused outside a secure context. */
export function InsecureNotice() {
  const t = useT();
  if (window.isSecureContext) return null;
  return (
    <div className={css.insecure} role="alert">
      {t("auth.insecure")}
    </div>
  );
}
