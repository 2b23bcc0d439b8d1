import { useEffect, useRef, useState, type ClipboardEvent } from "react";
import { Lock } from "lucide-react";
import { useT } from "../../i18n";
import {
  failure_from,
  useActions,
  useChatName,
  useClient,
  useDraft,
  useOwnId,
  useUploads,
  type Chat,
  type DraftKey,
  type Id,
} from "../../sync";
import { show_toast } from "../../ui/toasts";
import { announce } from "../shell/announce";
import { open_dialog } from "../shell/ui_store";
import { failure_text } from "../common/failure";
import { may_write } from "../members/rights";
import { useOwnRole } from "../members/useOwnRole";
import { UploadList } from "../files/UploadList";
import { has_touch_keyboard } from "../switcher/platform";
import { ComposerBar, LengthNote, length_of } from "./ComposerBar";
import { MessageBox, type BoxHandle } from "./MessageBox";
import { files_of_paste, named } from "./paste";
import { useDraftText } from "./useDraftText";
import { useTypeToFocus } from "./useTypeToFocus";
import css from "./Composer.module.css";

const confirm_above = 50; // members
const content_max = 10_000; // code points

type ComposerProps = {
  chat: Chat;
  draft_key: DraftKey;
  /** It answers in a thread. */
  root_id?: Id;
};

/** The box at the end of a chat or a thread, or why there is none. */
export function Composer({ chat, draft_key, root_id }: ComposerProps) {
  const t = useT();
  const actions = useActions();
  const role = useOwnRole(chat);
  const restricted = chat.who_may_write === "admins" && chat.chat_type !== "Single";
  useEffect(() => {
    if (restricted && role === null) void actions.loadMembers(chat.id);
  }, [restricted, role, actions, chat.id]);
  if (!may_write(chat, role)) {
    return (
      <div className={css.closed} role="note">
        <Lock size={15} aria-hidden="true" />
        {chat.archived_at === null ? t("composer.read_only") : t("composer.archived")}
      </div>
    );
  }
  return <OpenComposer chat={chat} draft_key={draft_key} root_id={root_id} />;
}

function OpenComposer({ chat, draft_key, root_id }: ComposerProps) {
  const t = useT();
  const actions = useActions();
  const name = useChatName(chat.id);
  const box = useRef<BoxHandle>(null);
  const draft = useDraft(draft_key);
  const uploads = useUploads(draft_key);
  const { text, setText } = useDraftText(draft_key, draft?.content ?? null);
  const [also_to_chat, setAlsoToChat] = useState(false);
  const files = draft?.files ?? no_files;
  const in_thread = root_id !== undefined;
  const length = length_of(text);
  const uploading = uploads.some((upload) => upload.status !== "ready");
  const empty = text.trim() === "" && files.length === 0;
  useTypeToFocus(box, !in_thread);
  const edit_last = useEditLast(chat, root_id);
  const read = useRead(chat, root_id);
  const attach = (list: readonly File[]) => list.forEach((file) => actions.upload(draft_key, file));
  const sent = () => {
    setText("", true);
    actions.dropDraft(draft_key);
    actions.setTyping(chat.id, false);
    box.current?.focus();
  };
  const send_now = useSendNow({ chat, root_id, text, files, also_to_chat, onSent: sent });
  const send = () => {
    if (uploading) announce(t("composer.wait_for_files"));
    else if (!empty && length <= content_max) send_now();
  };
  const acts = { send, edit_last, mark_read: read, cancel_edit: () => undefined };
  return (
    <div className={css.outer} data-region="composer">
      <div className={css.frame}>
        <UploadList draft_key={draft_key} files={files} uploads={uploads} />
        <div className={css.row}>
          <MessageBox
            ref={box}
            chat={chat}
            label={in_thread ? t("composer.label_thread") : t("composer.label")}
            placeholder={
              in_thread ? t("composer.placeholder_thread") : t("composer.placeholder", { name })
            }
            value={text}
            hasFiles={files.length + uploads.length > 0}
            editing={false}
            autoFocus={!has_touch_keyboard()}
            onChange={(next) => {
              setText(next);
              actions.setTyping(chat.id, next.trim() !== "");
            }}
            onAction={(action) => acts[action]()}
            onPaste={(event) => attach(taken_from(event))}
          />
        </div>
        <ComposerBar
          box={box}
          can_send={(!empty || uploads.length > 0) && length <= content_max}
          waiting={uploading}
          onFiles={attach}
          onSend={send}
          also_to_chat={in_thread ? also_to_chat : null}
          onAlsoToChat={setAlsoToChat}
        >
          <LengthNote length={length} max={content_max} />
        </ComposerBar>
      </div>
    </div>
  );
}

const no_files: readonly string[] = [];

/** The files of a paste, which the box then does not get; none where it has a text. */
function taken_from(event: ClipboardEvent<HTMLTextAreaElement>): File[] {
  const { types, files } = event.clipboardData;
  const found = files_of_paste({ types: [...types], files: [...files] });
  if (found.length > 0) event.preventDefault();
  return found.map((file) => named(file, new Date()));
}

type Sending = {
  chat: Chat;
  root_id: Id | undefined;
  text: string;
  files: readonly string[];
  also_to_chat: boolean;
  onSent: () => void;
};

/** Sends it, after a question where it would notify many. */
function useSendNow({ chat, root_id, text, files, also_to_chat, onSent }: Sending): () => void {
  const t = useT();
  const actions = useActions();
  const show_end = useShowEnd(chat, root_id !== undefined);
  const send = (confirm_everyone: boolean) => {
    try {
      actions.send(chat.id, {
        content: text,
        files,
        ...(root_id === undefined
          ? {}
          : { reply_to: root_id, thread_root_id: root_id, also_to_chat }),
        ...(confirm_everyone ? { confirm_everyone } : {}),
      });
    } catch (error) {
      show_toast(failure_text(t, failure_from(error)), { tone: "danger" });
      return;
    }
    show_end();
    onSent();
  };
  return () => {
    const everyone = chat.everyone_mentions && /(?:^|\s)@(?:all|here)\b/i.test(text);
    if (!everyone || chat.member_count <= confirm_above) return send(false);
    open_dialog({
      name: "confirm",
      title: t("composer.everyone_title", { count: chat.member_count }),
      text: t("composer.everyone_text"),
      action: t("composer.send"),
      run: () => Promise.resolve(send(true)),
    });
  };
}

function useRead(chat: Chat, root_id: Id | undefined): () => void {
  const actions = useActions();
  return () => {
    if (root_id === undefined) actions.markRead(chat.id, chat.last_seq);
    else actions.markThreadRead(chat.id, root_id);
  };
}

/** To the newest messages, where something else is shown: that is where a sent one appears. */
function useShowEnd(chat: Chat, in_thread: boolean): () => void {
  const client = useClient();
  return () => {
    const window = client.store.getState().windows.get(chat.id);
    if (!in_thread && window && !window.at_end) void client.actions.jumpTo(chat.id, null);
  };
}

/** Begins to edit one's newest message of what is shown. */
function useEditLast(chat: Chat, root_id: Id | undefined): () => void {
  const client = useClient();
  const own = useOwnId();
  return () => {
    const state = client.store.getState();
    const rows =
      (root_id === undefined ? state.windows.get(chat.id) : state.threads.get(root_id))?.rows ?? [];
    const last = rows.findLast((row) => row.sender_id === own && row.deleted_at === null);
    if (!last) return;
    client.actions.setDraft(`edit:${chat.id}:${last.id}`, {
      content: last.content,
      reply_to: last.id, // so that it is a draft without a text, too
    });
    const shown = document.querySelector(`[data-message="${last.id}"]`) !== null;
    if (!shown && root_id === undefined) void client.actions.jumpTo(chat.id, last.id);
  };
}
