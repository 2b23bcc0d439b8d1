import { useEffect, useLayoutEffect, useRef, useState, type UIEvent } from "react";
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
  type Message,
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

type RepliesProps = { chat: Chat; root_id: Id };

function Replies({ chat, root_id }: RepliesProps) {
  const t = useT();
  const thread = useThread(root_id);
  const rows = useThreadRows(root_id);
  const { scroller, onScroll } = useFollowEnd(rows);
  const [active, setActive] = useState<string | null>(null);
  useReadThread(chat.id, root_id, rows.at(-1)?.key);
  if (!thread || (thread.status === "loading" && thread.root === null)) {
    return <Skeleton rows={3} label={t("common.loading")} />;
  }
  if (thread.root === null) return <EmptyState title={t("thread.missing")} />;
  // While a menu of the row is open, the row stays.
  const activate = (next: string | null) => {
    const open = scroller.current?.querySelector('[role="toolbar"] [aria-expanded="true"]');
    if (!open) setActive(next);
  };
  const common = { chat, active, onActive: activate };
  return (
    <div
      ref={scroller}
      className={css.scroll}
      onScroll={onScroll}
      onPointerLeave={() => activate(null)}
    >
      <ThreadRow {...common} row_key="root" message={thread.root} tabStop />
      <div className={css.count}>
        <span>
          {t("thread.replies", { count: thread.root.thread?.reply_count ?? rows.length })}
        </span>
      </div>
      {!thread.at_start && <Older root_id={root_id} loading={thread.older === "loading"} />}
      <div role="list" aria-label={t("thread.replies_list")}>
        {rows.map((row, index) => (
          <div role="listitem" key={row.key}>
            {row.kind === "pending" ? (
              <PendingRow pending={row.pending} follows={false} />
            ) : (
              <ThreadRow
                {...common}
                row_key={row.key}
                message={row.message}
                tabStop={index === rows.length - 1}
              />
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

type ThreadRowProps = {
  chat: Chat;
  row_key: string;
  message: Message;
  active: string | null;
  tabStop: boolean;
  onActive: (key: string | null) => void;
};

function ThreadRow({ active, row_key, onActive, ...rest }: ThreadRowProps) {
  return (
    <div onPointerMove={(event) => event.pointerType === "mouse" && onActive(row_key)}>
      <MessageRow
        {...rest}
        row_key={row_key}
        follows={false}
        active={active === row_key}
        focused={false}
        onActive={onActive}
        in_thread
      />
    </div>
  );
}

function Older({ root_id, loading }: { root_id: Id; loading: boolean }) {
  const t = useT();
  const actions = useActions();
  return (
    <div className={css.more}>
      {loading ? (
        <Spinner small label={t("common.loading")} />
      ) : (
        <Button small kind="quiet" onClick={() => void actions.loadOlderReplies(root_id)}>
          {t("thread.older")}
        </Button>
      )}
    </div>
  );
}

/** New replies move the list while it stands at its end. */
function useFollowEnd(rows: readonly unknown[]) {
  const scroller = useRef<HTMLDivElement>(null);
  const at_end = useRef(true);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && at_end.current) element.scrollTop = element.scrollHeight;
  }, [rows]);
  const onScroll = (event: UIEvent<HTMLDivElement>) => {
    const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
    at_end.current = scrollHeight - scrollTop - clientHeight < end_px;
  };
  return { scroller, onScroll };
}

function useReadThread(chat_id: Id, root_id: Id, last: string | undefined): void {
  const actions = useActions();
  const { visible, focused } = useView();
  useEffect(() => {
    if (visible && focused && last !== undefined) actions.markThreadRead(chat_id, root_id);
  }, [visible, focused, last, actions, chat_id, root_id]);
}
