import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Bell, BellOff } from "lucide-react";
import { useT } from "../../i18n";
import {
  useActions,
  useChatName,
  useOwnId,
  useThread,
  useThreadRows,
  useView,
  type Chat,
  type Id,
  type ThreadWindow,
} from "../../sync";
import { Button, IconButton } from "../../ui/Button";
import { EmptyState, Skeleton } from "../../ui/Feedback";
import { Pane } from "../../ui/Pane";
import { Spinner } from "../../ui/Spinner";
import { useTry } from "../common/useTry";
import { Composer } from "../composer/Composer";
import { DropTarget } from "../files/DropTarget";
import { MessageRow } from "../timeline/MessageRow";
import { PendingRow } from "../timeline/PendingRow";
import css from "./ThreadPane.module.css";

type ThreadPaneProps = { chat: Chat; root_id: Id; onClose: () => void };

/** A message with its answers, and the box for the next one. */
export default function ThreadPane({ chat, root_id, onClose }: ThreadPaneProps) {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const name = useChatName(chat.id);
  const thread = useThread(root_id);
  const key = `thread:${chat.id}:${root_id}` as const;
  const own = useOwnId();
  const following = thread?.following ?? follows_by_itself(thread, own);
  return (
    <Pane
      title={t("thread.title")}
      subtitle={name}
      closeLabel={t("thread.close")}
      onClose={onClose}
      actions={
        <IconButton
          label={following ? t("thread.unfollow") : t("thread.follow")}
          pressed={following}
          onClick={() => void attempt(() => actions.follow(chat.id, root_id, !following))}
        >
          {following ? <Bell size={17} /> : <BellOff size={17} />}
        </IconButton>
      }
    >
      <DropTarget draft={key} disabled={chat.archived_at !== null}>
        <Replies chat={chat} root_id={root_id} />
        {thread?.root && (
          <div className={css.box}>
            <Composer chat={chat} draft_key={key} root_id={root_id} />
          </div>
        )}
      </DropTarget>
    </Pane>
  );
}

/** Its author and those that have answered follow a thread, unless they have said otherwise. */
function follows_by_itself(thread: ThreadWindow | undefined, own: Id | null): boolean {
  if (own === null || !thread?.root) return false;
  return thread.root.sender_id === own || (thread.root.thread?.repliers.includes(own) ?? false);
}

const end_px = 60;

function Replies({ chat, root_id }: { chat: Chat; root_id: Id }) {
  const t = useT();
  const actions = useActions();
  const thread = useThread(root_id);
  const rows = useThreadRows(root_id);
  const { visible, focused } = useView();
  const scroller = useRef<HTMLDivElement>(null);
  const follow_end = useRef(true);
  const [active, setActive] = useState<string | null>(null);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && follow_end.current) element.scrollTop = element.scrollHeight;
  }, [rows]);
  const last = rows.at(-1)?.key;
  useEffect(() => {
    if (visible && focused && last !== undefined) actions.markThreadRead(chat.id, root_id);
  }, [visible, focused, last, actions, chat.id, root_id]);

  if (!thread || (thread.status === "loading" && thread.root === null)) {
    return <Skeleton rows={3} label={t("common.loading")} />;
  }
  if (thread.root === null) {
    return <EmptyState title={t("thread.missing")} />;
  }
  const activate = (next: string | null) => {
    const open = scroller.current?.querySelector('[role="toolbar"] [aria-expanded="true"]');
    if (!open) setActive(next);
  };
  const replies = thread.root.thread?.reply_count ?? rows.length;
  return (
    <div
      ref={scroller}
      className={css.scroll}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        follow_end.current = scrollHeight - scrollTop - clientHeight < end_px;
      }}
      onPointerLeave={() => activate(null)}
    >
      <div onPointerMove={(event) => event.pointerType === "mouse" && activate("root")}>
        <MessageRow
          row_key="root"
          message={thread.root}
          follows={false}
          chat={chat}
          active={active === "root"}
          focused={false}
          tabStop
          onActive={activate}
          in_thread
        />
      </div>
      <div className={css.count}>
        <span>{t("thread.replies", { count: replies })}</span>
      </div>
      {!thread.at_start && (
        <div className={css.more}>
          {thread.older === "loading" ? (
            <Spinner small label={t("common.loading")} />
          ) : (
            <Button small kind="quiet" onClick={() => void actions.loadOlderReplies(root_id)}>
              {t("thread.older")}
            </Button>
          )}
        </div>
      )}
      <div role="list" aria-label={t("thread.replies_list")}>
        {rows.map((row) => (
          <div
            role="listitem"
            key={row.key}
            onPointerMove={(event) => event.pointerType === "mouse" && activate(row.key)}
          >
            {row.kind === "pending" ? (
              <PendingRow pending={row.pending} follows={false} />
            ) : (
              <MessageRow
                row_key={row.key}
                message={row.message}
                follows={false}
                chat={chat}
                active={active === row.key}
                focused={false}
                tabStop={row.key === last}
                onActive={activate}
                in_thread
              />
            )}
          </div>
        ))}
      </div>
    </div>
  );
}
