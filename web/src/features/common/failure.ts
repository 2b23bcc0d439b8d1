// The texts for actions that have failed.
import type { Failure } from "../../sync";
import type { Translate } from "../../i18n";
import type { MessageKey } from "../../i18n/locale";

const texts: Record<string, MessageKey> = {
  network: "failure.network",
  "auth.invalid_credentials": "failure.credentials",
  "auth.email_taken": "failure.email_taken",
  "auth.invitation_required": "failure.invitation_required",
  "auth.password_common": "failure.password_common",
  "auth.password_personal": "failure.password_personal",
  "auth.password_unchanged": "failure.password_unchanged",
  "auth.suspended": "failure.suspended",
  "auth.forbidden": "failure.forbidden",
  "chat.archived": "failure.archived",
  "chat.read_only": "failure.read_only",
  "chat.not_found": "failure.chat_not_found",
  "chat.name_taken": "failure.name_taken",
  "chat.owner_must_hand_over": "failure.hand_over",
  "chat.daily_limit": "failure.daily_limit",
  "message.not_found": "failure.message_not_found",
  "message.deleted": "failure.message_deleted",
  "message.too_large": "failure.message_too_large",
  "client.too_long": "failure.too_long",
  "client.full": "failure.outbox_full",
  "file.too_large": "failure.file_too_large",
  "quota.user": "failure.quota_user",
  "quota.workspace": "failure.quota_workspace",
  "search.unavailable": "failure.search_unavailable",
  "request.not_found": "failure.not_found",
};

/** One sentence. What the catalogue does not know is said by the server, in English. */
export function failure_text(t: Translate, failure: Failure): string {
  if (failure.status === 429 && failure.code === "request.rate_limited") {
    return t("failure.too_many", { seconds: failure.retry_after_s ?? 1 });
  }
  const key = texts[failure.code];
  if (key) return t(key);
  if (failure.status >= 500) return t("failure.server");
  const [first] = failure.fields;
  if (first) return failure.detail || first.detail;
  return failure.detail || t("failure.server");
}

/** What is wrong with one field of a form, or null. */
export function field_text(t: Translate, failure: Failure | null, field: string): string | null {
  if (failure === null) return null;
  const found = failure.fields.find((each) => each.field === field);
  if (!found) return null;
  const key = texts[failure.code];
  if (key) return t(key);
  return found.detail.charAt(0).toLocaleUpperCase() + found.detail.slice(1);
}
