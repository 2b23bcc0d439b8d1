import { Suspense, useRef, useState, type ReactNode, type RefObject } from "react";
import { Paperclip, SendHorizontal, Smile } from "lucide-react";
import { useT } from "../../i18n";
import { IconButton } from "../../ui/Button";
import { classes } from "../../ui/classes";
import type { BoxHandle } from "./MessageBox";
import { lazy_part } from "../../ui/part";
import css from "./Composer.module.css";

const EmojiPopover = lazy_part(() => import("../emoji/EmojiPopover"));

type ComposerBarProps = {
  box: RefObject<BoxHandle | null>;
  can_send: boolean;
  waiting: boolean;
  onFiles: (files: File[]) => void;
  onSend: () => void;
  also_to_chat: boolean | null;
  onAlsoToChat: (on: boolean) => void;
  children?: ReactNode;
};

export function ComposerBar({
  box,
  can_send,
  waiting,
  onFiles,
  onSend,
  also_to_chat,
  onAlsoToChat,
  children,
}: ComposerBarProps) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={css.bar}>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t("composer.attach")}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      <IconButton tip="top" label={t("composer.attach")} onClick={() => input.current?.click()}>
        <Paperclip size={17} />
      </IconButton>
      <EmojiButton onPick={(emoji) => box.current?.insert(emoji)} />
      {also_to_chat !== null && (
        <label className={css.also}>
          <input
            type="checkbox"
            checked={also_to_chat}
            onChange={(event) => onAlsoToChat(event.currentTarget.checked)}
          />
          {t("composer.also_to_chat")}
        </label>
      )}
      <span className={css.gap} />
      {children}
      <IconButton
        tip="top"
        label={t("composer.send")}
        className={classes(css.send, can_send && !waiting && css.ready)}
        aria-disabled={!can_send || waiting}
        onClick={onSend}
      >
        <SendHorizontal size={17} />
      </IconButton>
    </div>
  );
}

function EmojiButton({ onPick }: { onPick: (emoji: string) => void }) {
  const t = useT();
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        ref={trigger}
        tip="top"
        label={t("emoji.title")}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Smile size={17} />
      </IconButton>
      {open && (
        <Suspense fallback={null}>
          <EmojiPopover trigger={trigger} onClose={() => setOpen(false)} onPick={onPick} />
        </Suspense>
      )}
    </>
  );
}

/** As the server counts: in code points. */
export function length_of(text: string): number {
  if (text.length < 2000) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export function LengthNote({ length, max }: { length: number; max: number }) {
  const t = useT();
  if (length < max * 0.9) return null;
  const left = max - length;
  return (
    <span className={classes(css.length, left < 0 && css.tooLong)} role="status">
      {left < 0 ? t("composer.too_long", { count: -left }) : t("composer.left", { count: left })}
    </span>
  );
}
