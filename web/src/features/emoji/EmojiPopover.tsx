import type { RefObject } from "react";
import { Dialog, Popover } from "react-aria-components";
import { useT } from "../../i18n";
import { EmojiPicker } from "./EmojiPicker";
import css from "./Emoji.module.css";

type EmojiPopoverProps = {
  trigger: RefObject<HTMLElement | null>;
  onPick: (emoji: string) => void;
  onClose: () => void;
};

/** Loaded by `lazy`. It closes when an emoji is picked, by Esc, and by a click beside it. */
export default function EmojiPopover({ trigger, onPick, onClose }: EmojiPopoverProps) {
  const t = useT();
  return (
    <Popover
      isOpen
      triggerRef={trigger}
      placement="top end"
      offset={6}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      className={css.popover ?? ""}
    >
      <Dialog aria-label={t("emoji.title")} className={css.dialog ?? ""}>
        <EmojiPicker
          onPick={(emoji) => {
            onClose();
            onPick(emoji);
          }}
        />
      </Dialog>
    </Popover>
  );
}
