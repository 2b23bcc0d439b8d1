import { useMemo, type ReactNode } from "react";
import { IntlProvider, useIntl, type IntlShape } from "react-intl";
import { useStore } from "zustand";
import { language, type MessageKey } from "./locale";

/** Gives the page its language; nothing is shown before its catalogue is there. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const { locale, catalogue } = useStore(language);
  if (catalogue === null) return null;
  return (
    <IntlProvider locale={locale} messages={catalogue} onError={report}>
      {children}
    </IntlProvider>
  );
}

// A key that the catalogue does not have shows itself; a test keeps that from happening.
function report(): void {}

type Values = Record<string, string | number | boolean | Date | null | undefined>;
export type Translate = (key: MessageKey, values?: Values) => string;

/** `t("chat.members", { count: 3 })`: a text of the catalogue. */
export function useT(): Translate {
  const intl = useIntl();
  return useMemo(() => translate_with(intl), [intl]);
}

export function translate_with(intl: IntlShape): Translate {
  return (id, values) => String(intl.formatMessage({ id }, values));
}

export { useIntl };
