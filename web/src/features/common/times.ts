// Times as they are shown, in the language and time zone of the browser.
import type { IntlShape } from "react-intl";
import type { Translate } from "../../i18n";

export function clock_time(intl: IntlShape, time: string): string {
  return intl.formatTime(time, { hour: "numeric", minute: "2-digit" });
}

export function full_time(intl: IntlShape, time: string): string {
  return intl.formatDate(time, { dateStyle: "full", timeStyle: "short" });
}

function day_of(date: Date): number {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
}

function days_ago(time: string, now: Date): number {
  return day_of(now) - day_of(new Date(time));
}

/** "Today", "Yesterday", "Monday, 3 March", with the year where it is another one. */
export function day_name(intl: IntlShape, t: Translate, time: string, now = new Date()): string {
  const ago = days_ago(time, now);
  if (ago === 0) return t("time.today");
  if (ago === 1) return t("time.yesterday");
  const same_year = new Date(time).getFullYear() === now.getFullYear();
  return intl.formatDate(time, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(same_year ? {} : { year: "numeric" }),
  });
}

/** The time of today, a weekday of this week, else the date. */
export function short_time(intl: IntlShape, t: Translate, time: string, now = new Date()): string {
  const ago = days_ago(time, now);
  if (ago === 0) return clock_time(intl, time);
  if (ago === 1) return t("time.yesterday");
  if (ago > 1 && ago < 7) return intl.formatDate(time, { weekday: "short" });
  return intl.formatDate(time, { dateStyle: "medium" });
}

const units = ["KB", "MB", "GB"];

export function file_size(intl: IntlShape, bytes: number): string {
  if (bytes < 1000) return `${intl.formatNumber(bytes)} B`;
  let value = bytes;
  let unit = "";
  for (const next of units) {
    if (value < 1000) break;
    value /= 1000;
    unit = next;
  }
  return `${intl.formatNumber(value, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}
