import { useCallback, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from "react";
import { ArrowDown } from "lucide-react";
import { useLocation } from "wouter";
import { chat_path } from "../../app/routes";
import { useT } from "../../i18n";
import {
  useActions,
  useOwnId,
  useRows,
  useSync,
  useWindow,
  type Chat,
  type Window,
} from "../../sync";
import { Button } from "../../ui/Button";
import { EmptyState, Skeleton } from "../../ui/Feedback";
import { classes } from "../../ui/classes";
import { Spinner } from "../../ui/Spinner";
import { ChatStart } from "./ChatStart";
import { DayRow, DividerRow } from "./Separators";
import { MessageRow } from "./MessageRow";
import { PendingRow } from "./PendingRow";
import { row_builder, type Row } from "./rows";
import { useAnnounceNew } from "./useAnnounceNew";
import { useHistoryPages } from "./useHistoryPages";
import { useKeptEnd } from "./useKeptEnd";
import { useLanding, type ListVirtualizer } from "./useLanding";
import { useReading } from "./useReading";
import { useFollows, useRowVirtualizer } from "./useRowVirtualizer";
import css from "./Timeline.module.css";

/** The messages of a chat. It is made anew for each chat. */
export function Timeline({ chat }: { chat: Chat }) {
  const window = useWindow(chat.id);
  const { rows, divider_seq } = useTimelineRows(chat, window);
  if (!window || (rows.length === 0 && window.status !== "ready")) {
    return <Unavailable chat={chat} failed={window?.status === "failed"} />;
  }
  return <Messages chat={chat} window={window} rows={rows} divider_seq={divider_seq} />;
}

type MessagesProps = {
  chat: Chat;
  window: Window;
  rows: readonly Row[];
  divider_seq: number | null;
};

function Messages({ chat, window, rows, divider_seq }: MessagesProps) {
  const { at_end } = window;
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useFollows(at_end);
  const virtualizer = useRowVirtualizer({ chat_id: chat.id, rows, window, follows, scroller });
  const landing = { rows, window, virtualizer, chat_id: chat.id, divider_seq };
  const { landed, arrived } = useLanding(landing);
  const position = useReading({ chat, rows, virtualizer, scroller, landed });
  useHistoryPages({ chat_id: chat.id, window, virtualizer, count: rows.length, arrived });
  useAnnounceNew(rows, chat.id, at_end);
  const shown = landed && rows.length > 0;
  useKeptEnd({ virtualizer, scroller, at_end, shown, follows, count: rows.length });
  return (
    <div className={css.frame} data-region="messages">
      <div
        ref={scroller}
        className={classes(css.scroller, !landed && css.waiting)}
        data-testid="timeline"
      >
        {window.older === "loading" && <LoadingOlder />}
        <Rows chat={chat} rows={rows} window={window} list={virtualizer} scroller={scroller} />
      </div>
      {!landed && <LandingCover />}
      {landed && (!at_end || !position.at_end) && (
        <JumpButton chat={chat} at_end={at_end} onEnd={() => virtualizer.scrollToEnd()} />
      )}
    </div>
  );
}

function useTimelineRows(chat: Chat, window: Window | undefined) {
  const own_id = useOwnId() ?? 0;
  const source = useRows(chat.id);
  const [build] = useState(row_builder);
  const divider_seq = useSync(({ view }) =>
    view.chat_id === chat.id ? view.divider_seq : divider_to_come(chat),
  );
  const at_start = window?.at_start ?? false;
  const rows = useMemo(
    () => build(source, { own_id, divider_seq, at_start }),
    [build, source, own_id, divider_seq, at_start],
  );
  return { rows, divider_seq };
}

/** A chat is drawn before it is opened, which places the divider there. */
function divider_to_come(chat: Chat): number | null {
  return chat.unread_count > 0 ? chat.last_read_seq : null;
}

type Scroller = RefObject<HTMLDivElement | null>;

function Unavailable({ chat, failed }: { chat: Chat; failed: boolean }) {
  const t = useT();
  const actions = useActions();
  if (!failed) {
    return (
      <div className={css.frame}>
        <Skeleton rows={6} label={t("common.loading")} />
      </div>
    );
  }
  const again = () => void actions.jumpTo(chat.id, null);
  return (
    <div className={css.frame}>
      <EmptyState
        title={t("chat.failed")}
        action={<Button onClick={again}>{t("common.retry")}</Button>}
      />
    </div>
  );
}

function LoadingOlder() {
  const t = useT();
  return (
    <div className={css.loading}>
      <Spinner small label={t("chat.loading_older")} />
    </div>
  );
}

function LandingCover() {
  const t = useT();
  return (
    <div className={css.over}>
      <Skeleton rows={6} label={t("common.loading")} />
    </div>
  );
}

type JumpButtonProps = { chat: Chat; at_end: boolean; onEnd: () => void };

function JumpButton({ chat, at_end, onEnd }: JumpButtonProps) {
  const t = useT();
  const actions = useActions();
  const [, navigate] = useLocation();
  const unread = chat.unread_count;
  const jump = () => {
    navigate(chat_path(chat.id), { replace: true });
    if (at_end) onEnd();
    else void actions.jumpTo(chat.id, null);
  };
  return (
    <div className={css.jump}>
      <Button
        small
        kind={unread > 0 ? "primary" : "secondary"}
        icon={<ArrowDown size={14} />}
        onClick={jump}
      >
        {unread > 0 ? t("chat.new_messages", { count: unread }) : t("chat.jump_to_present")}
      </Button>
    </div>
  );
}

type RowsProps = {
  chat: Chat;
  rows: readonly Row[];
  window: Window;
  list: ListVirtualizer;
  scroller: Scroller;
};

function Rows({ chat, rows, window, list, scroller }: RowsProps) {
  const t = useT();
  const { active, setActive, onKeyDown } = useActiveRow(rows, scroller, list.scrollToIndex);
  const last_key = rows.findLast((row) => row.kind === "message")?.key;
  return (
    // oxlint-disable-next-line no-noninteractive-element-interactions -- keys of its rows
    <div
      role="list"
      aria-label={t("chat.messages")}
      className={css.list}
      style={{ height: list.getTotalSize() }}
      onKeyDown={onKeyDown}
      onPointerLeave={() => setActive(null)}
    >
      {list.getVirtualItems().map((item) => {
        const row = rows[item.index];
        if (!row) return null;
        return (
          <div
            key={item.key}
            ref={list.measureElement}
            role="listitem"
            data-index={item.index}
            className={css.row}
            style={{ transform: `translateY(${item.start}px)` }}
            onPointerMove={(event) => {
              if (event.pointerType === "mouse") setActive(row.key);
            }}
          >
            <RowOf
              row={row}
              chat={chat}
              active={active === row.key}
              focused={window.focus !== null && is_focus(row, window.focus.message_id)}
              tabStop={row.key === last_key}
              onActive={setActive}
            />
          </div>
        );
      })}
    </div>
  );
}

function is_focus(row: Row, message_id: number): boolean {
  return row.kind === "message" && row.message.id === message_id;
}

function RowOf({
  row,
  chat,
  active,
  focused,
  tabStop,
  onActive,
}: {
  row: Row;
  chat: Chat;
  active: boolean;
  focused: boolean;
  tabStop: boolean;
  onActive: (key: string | null) => void;
}) {
  switch (row.kind) {
    case "start":
      return <ChatStart chat={chat} />;
    case "day":
      return <DayRow time={row.time} />;
    case "divider":
      return <DividerRow />;
    case "pending":
      return <PendingRow pending={row.pending} follows={row.follows} />;
    case "message":
      return (
        <MessageRow
          row_key={row.key}
          message={row.message}
          follows={row.follows}
          chat={chat}
          active={active}
          focused={focused}
          tabStop={tabStop}
          onActive={onActive}
        />
      );
  }
}

/** The row under the pointer or with the focus: it alone has buttons. Arrow keys move between. */
function useActiveRow(
  rows: readonly Row[],
  scroller: Scroller,
  scroll_to: (index: number) => void,
) {
  const [active, set] = useState<string | null>(null);
  // While a menu of the row is open, the row stays.
  const setActive = useCallback(
    (key: string | null) => {
      const open = scroller.current?.querySelector('[role="listitem"] [aria-expanded="true"]');
      if (!open) set(key);
    },
    [scroller],
  );
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const row = (event.target as HTMLElement).closest<HTMLElement>("article[data-key]");
    if (by === 0 || row === null || event.target !== row || event.altKey) return;
    event.preventDefault();
    let at = rows.findIndex((each) => each.key === row.dataset.key) + by;
    while (rows[at] && rows[at]?.kind !== "message") at += by;
    const next = rows[at];
    if (!next) return;
    scroll_to(at);
    const focus = () => {
      const article = `article[data-key="${CSS.escape(next.key)}"]`;
      const found = scroller.current?.querySelector<HTMLElement>(article);
      found?.focus();
      return found;
    };
    // At once where it is there: the next key may come before the next frame.
    if (!focus()) requestAnimationFrame(focus);
  };
  return { active, setActive, onKeyDown };
}
