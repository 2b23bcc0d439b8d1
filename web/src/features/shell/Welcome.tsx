import { MessagesSquare } from "lucide-react";
import { useLocation } from "wouter";
import { paths } from "../../app/routes";
import { useT } from "../../i18n";
import { useChatList, useSession } from "../../sync";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/Feedback";
import { open_dialog } from "./ui_store";
import css from "./Welcome.module.css";

/** Beside the list while no chat is chosen; for a first user, what to do next. */
export function Welcome() {
  const t = useT();
  const [, navigate] = useLocation();
  const chats = useChatList();
  const session = useSession();
  const workspace = session.status === "signed_in" ? session.workspace.name : "";
  const first = chats.length === 0;
  return (
    <main className={css.welcome}>
      <EmptyState
        icon={<MessagesSquare size={24} />}
        title={first ? t("welcome.first_title", { workspace }) : t("welcome.title")}
        action={
          <div className={css.actions}>
            <Button kind="primary" onClick={() => open_dialog({ name: "create_chat" })}>
              {t("chats.create")}
            </Button>
            <Button onClick={() => navigate(paths.channels)}>{t("chats.browse")}</Button>
            {first && (
              <Button onClick={() => open_dialog({ name: "invite" })}>{t("invite.title")}</Button>
            )}
          </div>
        }
      >
        {first ? t("welcome.first_text") : t("welcome.text")}
      </EmptyState>
    </main>
  );
}
