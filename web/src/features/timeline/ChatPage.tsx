import { Suspense, useEffect } from "react";
import { useLocation } from "wouter";
import { useStore } from "zustand";
import { chat_path, paths } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, useChat, useSync, type Id } from "../../sync";
import { Button } from "../../ui/Button";
import { EmptyState, Skeleton } from "../../ui/Feedback";
import { Composer } from "../composer/Composer";
import { DropTarget } from "../files/DropTarget";
import { close_pane, ui } from "../shell/ui_store";
import { ChatHeader } from "./ChatHeader";
import { Timeline } from "./Timeline";
import { TypingLine } from "./TypingLine";
import { lazy_part } from "../../ui/part";
import css from "./ChatPage.module.css";

const ThreadPane = lazy_part(() => import("../thread/ThreadPane"));
const DetailsPane = lazy_part(() => import("../members/DetailsPane"));
const PinsPane = lazy_part(() => import("./PinsPane"));

type ChatPageProps = { chat_id: Id; message_id: Id | null; root_id: Id | null };

/** A chat: its messages, the box to write in, and what was opened beside them. */
export function ChatPage({ chat_id, message_id, root_id }: ChatPageProps) {
  const actions = useActions();
  const chat = useChat(chat_id);
  useEffect(() => {
    actions.openChat(chat_id, message_id ?? undefined);
  }, [actions, chat_id, message_id]);
  useEffect(() => () => actions.openChat(null), [actions]);
  useEffect(() => {
    actions.openThread(chat_id, root_id);
  }, [actions, chat_id, root_id]);
  if (!chat) return <MissingChat />;
  return (
    <div className={css.page}>
      <main className={css.main}>
        <ChatHeader chat={chat} />
        <DropTarget draft={`chat:${chat_id}`} disabled={chat.archived_at !== null}>
          <Timeline key={chat_id} chat={chat} />
          <TypingLine chat_id={chat_id} />
          <Composer key={`box ${chat_id}`} chat={chat} draft_key={`chat:${chat_id}`} />
        </DropTarget>
      </main>
      <Suspense fallback={null}>
        <Beside chat_id={chat_id} root_id={root_id} />
      </Suspense>
    </div>
  );
}

function Beside({ chat_id, root_id }: { chat_id: Id; root_id: Id | null }) {
  const [, navigate] = useLocation();
  const chat = useChat(chat_id);
  const pane = useStore(ui, (state) => state.pane);
  if (!chat) return null;
  if (root_id !== null) {
    const close = () => navigate(chat_path(chat_id));
    return <ThreadPane key={root_id} chat={chat} root_id={root_id} onClose={close} />;
  }
  if (pane === "details") return <DetailsPane chat={chat} onClose={close_pane} />;
  if (pane === "pins") return <PinsPane chat={chat} onClose={close_pane} />;
  return null;
}

/** Until the list is there it is loading; then there is no such chat. */
function MissingChat() {
  const t = useT();
  const [, navigate] = useLocation();
  const status = useSync((state) => state.chats_status);
  if (status !== "ready" && status !== "failed") {
    return (
      <main className={css.main}>
        <Skeleton rows={6} label={t("common.loading")} />
      </main>
    );
  }
  return (
    <main className={css.main}>
      <EmptyState
        title={t("chat.missing_title")}
        action={<Button onClick={() => navigate(paths.channels)}>{t("chats.browse")}</Button>}
      >
        {t("chat.missing_text")}
      </EmptyState>
    </main>
  );
}
