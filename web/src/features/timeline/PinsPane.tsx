import { useEffect } from "react";
import { Pin } from "lucide-react";
import { useT } from "../../i18n";
import { useActions, useList, type Chat } from "../../sync";
import { EmptyState, Skeleton } from "../../ui/Feedback";
import { Pane } from "../../ui/Pane";
import { MessageCard } from "../lists/MessageCard";
import css from "./PinsPane.module.css";

export default function PinsPane({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const t = useT();
  const actions = useActions();
  const key = `pins:${chat.id}` as const;
  const pins = useList(key);
  const stale = !pins || pins.stale;
  useEffect(() => {
    if (stale) void actions.loadList(key);
  }, [stale, actions, key]);
  return (
    <Pane title={t("pins.title")} closeLabel={t("pins.close")} onClose={onClose}>
      <div className={css.scroll}>
        {!pins || (pins.status === "loading" && pins.rows.length === 0) ? (
          <Skeleton rows={3} label={t("common.loading")} />
        ) : pins.rows.length === 0 ? (
          <EmptyState icon={<Pin size={22} />} title={t("pins.none")}>
            {t("pins.none_text")}
          </EmptyState>
        ) : (
          <ul className={css.list}>
            {pins.rows.map((message) => (
              <li key={message.id}>
                <MessageCard message={message} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Pane>
  );
}
