import { useEffect, useState, type ReactNode } from "react";
import { ChevronLeft, ChevronRight, Download, X } from "lucide-react";
import { useT } from "../../i18n";
import { Dialog as AriaDialog, Modal, ModalOverlay } from "react-aria-components";
import type { Attachment } from "../../sync";
import { IconButton } from "../../ui/Button";
import { classes } from "../../ui/classes";
import type { DialogOf } from "../shell/DialogHost";
import { close_dialog } from "../shell/ui_store";
import css from "./Viewer.module.css";

/** The pictures of a message over the whole page. Arrow keys go from one to the next. */
export default function Viewer({ pictures, index }: DialogOf<"viewer">) {
  const last = pictures.length - 1;
  const [at, setAt] = useArrows(index, last);
  const picture = pictures[at];
  if (!picture) return null;
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) close_dialog();
      }}
      className={css.overlay ?? ""}
    >
      <Modal className={css.modal ?? ""}>
        <AriaDialog aria-label={picture.name} className={css.dialog ?? ""}>
          <Head picture={picture} at={at} count={pictures.length} />
          <div className={css.stage}>
            <img
              key={picture.url}
              src={picture.thumbnail_url ? `${picture.url}?size=1280` : picture.url}
              width={picture.width ?? undefined}
              height={picture.height ?? undefined}
              alt={picture.name}
            />
          </div>
          <Steps at={at} last={last} onStep={setAt} />
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

function useArrows(first: number, last: number) {
  const state = useState(first);
  const [, setAt] = state;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "ArrowLeft") setAt((before) => Math.max(0, before - 1));
      if (event.key === "ArrowRight") setAt((before) => Math.min(last, before + 1));
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [last, setAt]);
  return state;
}

type HeadProps = { picture: Attachment; at: number; count: number };

function Head({ picture, at, count }: HeadProps) {
  const t = useT();
  return (
    <header className={css.head}>
      <span className={css.name}>{picture.name}</span>
      {count > 1 && <span>{t("files.of", { index: at + 1, count })}</span>}
      <a
        href={picture.url}
        download={picture.name}
        className={css.tool}
        aria-label={t("files.download", { name: picture.name })}
      >
        <Download size={18} />
      </a>
      <IconButton tip="none" label={t("common.close")} className={css.tool} onClick={close_dialog}>
        <X size={20} />
      </IconButton>
    </header>
  );
}

function Steps({
  at,
  last,
  onStep,
}: {
  at: number;
  last: number;
  onStep: (index: number) => void;
}) {
  const t = useT();
  const step = (name: string, side: string | undefined, to: number, icon: ReactNode) => (
    <IconButton
      tip="none"
      label={name}
      className={classes(css.tool, side)}
      onClick={() => onStep(to)}
    >
      {icon}
    </IconButton>
  );
  return (
    <>
      {at > 0 && step(t("files.previous"), css.left, at - 1, <ChevronLeft size={24} />)}
      {at < last && step(t("files.next"), css.right, at + 1, <ChevronRight size={24} />)}
    </>
  );
}
