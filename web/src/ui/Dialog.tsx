import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { X } from "lucide-react";
import { IconButton } from "./Button";
import { classes } from "./classes";
import css from "./Dialog.module.css";

type DialogProps = {
  title: string;
  closeLabel: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the end; they stay in view while the content scrolls. */
  footer?: ReactNode;
  size?: "s" | "m" | "l";
  /** Without a line for the title, which is then for screen readers alone. */
  bare?: boolean;
  role?: "dialog" | "alertdialog";
};

/**
 * A modal dialog: focus stays inside and returns afterwards, Esc and a click beside it close it.
 * React Aria is large; modules that import this one are loaded by `lazy`.
 */
export function Dialog({
  title,
  closeLabel,
  onClose,
  children,
  footer,
  size = "m",
  bare,
  role = "dialog",
}: DialogProps) {
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      className={css.overlay ?? ""}
    >
      <Modal className={classes(css.modal, css[size], bare && css.bare)}>
        <AriaDialog role={role} className={css.dialog ?? ""}>
          {bare ? (
            <Heading slot="title" className="visually-hidden">
              {title}
            </Heading>
          ) : (
            <header className={css.head}>
              <Heading slot="title" level={2} className={css.title ?? ""}>
                {title}
              </Heading>
              <IconButton label={closeLabel} tip="none" onClick={onClose}>
                <X size={18} />
              </IconButton>
            </header>
          )}
          <div className={css.body}>{children}</div>
          {footer && <footer className={css.footer}>{footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
