import { useCallback, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useLocation } from "wouter";
import { chat_path } from "../../app/routes";
import { useT } from "../../i18n";
import { useActions, useOwnId, useRows, useView, useWindow, type Chat } from "../../sync";
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
import { useLanding } from "./useLanding";
import { useReading } from "./useReading";
import css from "./Timeline.module.css";

const estimates: Record<Row["kind"], number> = {
  start: 150,
  day: 40,
  divider: 28,
  message: 62,
  pending: 62,
};

/** Distance from the end, in pixels, within which new messages move the list. */
export const end_px = 60;

export function Timeline({ chat }: { chat: Chat }) {
  const t = useT();
  const actions = useActions();
  const [, navigate] = useLocation();
  const own_id = useOwnId() ?? 0;
  const window = useWindow(chat.id);
  const source = useRows(chat.id);
  const view = useView();
  const divider_seq = view.chat_id === chat.id ? view.divider_seq : null;
  const at_start = window?.at_start ?? false;
  const at_end = window?.at_end ?? false;
  const [build] = useState(row_builder);
  const rows = useMemo(
    () => build(source, { own_id, divider_seq, at_start }),
    [build, source, own_id, divider_seq, at_start],
  );
  const scroller = useRef<HTMLDivElement>(null);
  // Follow only where the end was the end before, too: a page that joins is not something new.
  const was_at_end = useRef(at_end);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: useCallback((index) => estimates[rows[index]?.kind ?? "message"], [rows]),
    getItemKey: useCallback((index) => rows[index]?.key ?? index, [rows]),
    anchorTo: "end",
    followOnAppend: at_end && was_at_end.current,
    scrollEndThreshold: end_px,
    overscan: 6,
    paddingStart: 8,
    paddingEnd: 14,
  });
  was_at_end.current = at_end;
  const landed = useLanding({ rows, window, virtualizer, chat_id: chat.id, divider_seq });
  const position = useReading({ chat, rows, virtualizer, scroller, landed });
  useHistoryPages({ chat_id: chat.id, window, virtualizer, count: rows.length, landed });
  useAnnounceNew(rows, chat.id, at_end);
  const { active, setActive, onKeyDown } = useActiveRow(rows, scroller, virtualizer.scrollToIndex);

  const to_present = useCallback(() => {
    navigate(chat_path(chat.id), { replace: true });
    if (at_end) virtualizer.scrollToEnd();
    else void actions.jumpTo(chat.id, null);
  }, [actions, at_end, chat.id, navigate, virtualizer]);

  if (!window || (rows.length === 0 && window.status === "loading")) {
    return (
      <div className={css.frame}>
        <Skeleton rows={6} label={t("common.loading")} />
      </div>
    );
  }
  if (rows.length === 0 && window.status === "failed") {
    return (
      <div className={css.frame}>
        <EmptyState
          title={t("chat.failed")}
          action={
            <Button onClick={() => void actions.jumpTo(chat.id, null)}>{t("common.retry")}</Button>
          }
        />
      </div>
    );
  }
  const last_key = rows.findLast((row) => row.kind === "message")?.key;
  const away = !at_end || !position.at_end;
  return (
    <div className={css.frame} data-region="messages">
      <div
        ref={scroller}
        className={classes(css.scroller, !landed && css.waiting)}
        data-testid="timeline"
      >
        {window.older === "loading" && (
          <div className={css.loading}>
            <Spinner small label={t("chat.loading_older")} />
          </div>
        )}
        {/* oxlint-disable-next-line no-noninteractive-element-interactions -- keys of its rows */}
        <div
          role="list"
          aria-label={t("chat.messages")}
          className={css.list}
          style={{ height: virtualizer.getTotalSize() }}
          onKeyDown={onKeyDown}
          onPointerLeave={() => setActive(null)}
        >
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
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
      </div>
      {!landed && (
        <div className={css.over}>
          <Skeleton rows={6} label={t("common.loading")} />
        </div>
      )}
      {away && landed && (
        <div className={css.jump}>
          <Button
            small
            kind={chat.unread_count > 0 ? "primary" : "secondary"}
            icon={<ArrowDown size={14} />}
            onClick={to_present}
          >
            {chat.unread_count > 0
              ? t("chat.new_messages", { count: chat.unread_count })
              : t("chat.jump_to_present")}
          </Button>
        </div>
      )}
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
  scroller: React.RefObject<HTMLDivElement | null>,
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
      scroller.current
        ?.querySelector<HTMLElement>(`article[data-key="${CSS.escape(next.key)}"]`)
        ?.focus();
    };
    requestAnimationFrame(focus);
  };
  return { active, setActive, onKeyDown };
}
