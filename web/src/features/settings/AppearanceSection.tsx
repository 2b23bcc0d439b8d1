import { useState } from "react";
import { useStore } from "zustand";
import { useT } from "../../i18n";
import { choose_locale, language, locales, type Locale } from "../../i18n/locale";
import {
  choose_theme,
  stored_contrast,
  stored_theme,
  type Contrast,
  type Theme,
} from "../../styles/theme";
import { ChoiceGroup, SelectField, Switch } from "../../ui/Field";
import css from "./Settings.module.css";

/** Of this browser: colours and language. */
export function AppearanceSection() {
  const t = useT();
  const locale = useStore(language, (state) => state.locale);
  const [theme, setTheme] = useState<Theme>(stored_theme);
  const [contrast, setContrast] = useState<Contrast>(stored_contrast);
  const change = (next: Theme, next_contrast: Contrast) => {
    setTheme(next);
    setContrast(next_contrast);
    choose_theme(next, next_contrast);
  };
  return (
    <>
      <h2 className={css.title}>{t("settings.appearance")}</h2>
      <ChoiceGroup<Theme>
        label={t("settings.theme")}
        value={theme}
        onChange={(next) => change(next, contrast)}
        choices={[
          { value: "system", label: t("settings.theme_system") },
          { value: "light", label: t("settings.theme_light") },
          { value: "dark", label: t("settings.theme_dark") },
        ]}
      />
      <Switch
        label={t("settings.contrast")}
        hint={t("settings.contrast_hint")}
        checked={contrast === "more"}
        onChange={(on) => change(theme, on ? "more" : "system")}
      />
      <SelectField
        label={t("settings.language")}
        value={locale}
        onChange={(event) => void choose_locale(event.currentTarget.value as Locale)}
      >
        {locales.map(({ id, name }) => (
          <option key={id} value={id} lang={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </>
  );
}
