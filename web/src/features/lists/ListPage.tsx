import { useEffect } from "react";
import { AtSign, Bookmark, MessageSquareText } from "lucide-react";
import { Link, useLocation } from "wouter";
import { paths, thread_path } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, useList, type ListKey, type Message, type MessageList } from "../../sync";
import { CountBadge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { EmptyState, Skeleton } from "../../ui/Feedback";
import { Page } from "../../ui/Page";
import { useTry } from "../common/useTry";
import { MessageCard } from "./MessageCard";
import css from "./ListPage.module.css";

type Shown = Extract<ListKey, "mentions" | "threads" | "saved">;

const icons = {
  mentions: <AtSign size={22} />,
  threads: <MessageSquareText size={22} />,
  saved: <Bookmark size={22} />,
};

/** Mentions, followed threads, and saved messages of all chats, the newest first. */
export default function ListPage({ list: key }: { list: Shown }) {
  const t = useT();
  const actions = useActions();
  const [, navigate] = useLocation();
  const list = useList(key);
  const stale = !list || list.stale;
  useEffect(() => {
    if (stale) void actions.loadList(key);
  }, [stale, actions, key]);
  const loading = !list || (list.rows.length === 0 && list.status === "loading");
  return (
    <Page title={t(`lists.${key}`)} backLabel={t("shell.back")} onBack={() => navigate(paths.home)}>
      {loading ? (
        <Skeleton rows={4} label={t("common.loading")} />
      ) : list.status === "failed" && list.rows.length === 0 ? (
        <EmptyState
          title={t("lists.failed")}
          action={<Button onClick={() => void actions.loadList(key)}>{t("common.retry")}</Button>}
        />
      ) : list.rows.length === 0 ? (
        <EmptyState icon={icons[key]} title={t(`lists.no_${key}`)}>
          {t(`lists.no_${key}_text`)}
        </EmptyState>
      ) : (
        <Rows list={list} list_key={key} />
      )}
      {list?.more && (
        <div className={css.more}>
          <Button busy={list.status === "loading"} onClick={() => void actions.loadList(key, true)}>
            {t("common.more")}
          </Button>
        </div>
      )}
    </Page>
  );
}

function Rows({ list, list_key }: { list: MessageList; list_key: Shown }) {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const foot = (message: Message) => {
    if (list_key === "threads") {
      const unread = list.unread[message.id] ?? 0;
      return (
        <div className={css.foot}>
          <Link href={thread_path(message.chat_id, message.id)}>
            {t("thread.replies", { count: message.thread?.reply_count ?? 0 })}
          </Link>
          <CountBadge loud count={unread} label={t("chats.unread", { count: unread })} />
        </div>
      );
    }
    if (list_key === "saved") {
      return (
        <div className={css.foot}>
          <Button
            small
            kind="quiet"
            onClick={() => void attempt(() => actions.save(message.id, false))}
          >
            {t("lists.unsave")}
          </Button>
        </div>
      );
    }
    return null;
  };
  return (
    <ul className={css.list}>
      {list.rows.map((message) => (
        <li key={message.id}>
          <MessageCard message={message} with_chat />
          {foot(message)}
        </li>
      ))}
    </ul>
  );
}
