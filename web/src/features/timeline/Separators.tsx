import { useIntl, useT } from "../../i18n";
import { day_name } from "../common/times";
import css from "./Separators.module.css";

export function DayRow({ time }: { time: string }) {
  const t = useT();
  const intl = useIntl();
  return (
    <div className={css.day}>
      <span>{day_name(intl, t, time)}</span>
    </div>
  );
}

export function DividerRow() {
  const t = useT();
  return (
    <div className={css.divider} data-divider="">
      <span>{t("chat.unread_below")}</span>
    </div>
  );
}
