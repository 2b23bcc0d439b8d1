import { useEffect, useRef } from "react";
import { useT } from "../../i18n";
import { useClient, useOwnId, person_name, type Id } from "../../sync";
import { announce } from "../shell/announce";
import type { Row } from "./rows";

const text_max = 200;

/** Says "Bob: text" once for each message that joins the end; nothing of history. */
export function useAnnounceNew(rows: readonly Row[], chat_id: Id, at_end: boolean): void {
  const t = useT();
  const client = useClient();
  const own = useOwnId();
  const last_seq = useRef<number | null>(null);
  useEffect(() => {
    if (!at_end) {
      last_seq.current = null;
      return;
    }
    const newest = newest_seq(rows);
    const before = last_seq.current;
    last_seq.current = newest;
    if (before === null || newest <= before) return;
    const { people } = client.store.getState();
    const texts: string[] = [];
    for (const row of rows.slice(-20)) {
      if (row.kind !== "message" || row.message.seq <= before) continue;
      const { message } = row;
      if (message.sender_id === own || message.deleted_at !== null) continue;
      const text = message.content.slice(0, text_max) || t("message.file");
      texts.push(`${person_name(people, message.sender_id)}: ${text}`);
    }
    if (texts.length > 0) announce(texts.join(". "));
  }, [rows, at_end, chat_id, client, own, t]);
}

function newest_seq(rows: readonly Row[]): number {
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at];
    if (row?.kind === "message") return row.message.seq;
  }
  return 0;
}
