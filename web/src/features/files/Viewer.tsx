import { useEffect, useState } from "react";
import { ChevronLeft, ChevronRight, Download, X } from "lucide-react";
import { useT } from "../../i18n";
import { Dialog as AriaDialog, Modal, ModalOverlay } from "react-aria-components";
import { IconButton } from "../../ui/Button";
import type { DialogOf } from "../shell/DialogHost";
import { close_dialog } from "../shell/ui_store";
import css from "./Viewer.module.css";

/** The pictures of a message over the whole page. Arrow keys go from one to the next. */
export default function Viewer({ pictures, index }: DialogOf<"viewer">) {
  const t = useT();
  const [at, setAt] = useState(index);
  const picture = pictures[at];
  const last = pictures.length - 1;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "ArrowLeft") setAt((before) => Math.max(0, before - 1));
      if (event.key === "ArrowRight") setAt((before) => Math.min(last, before + 1));
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [last]);
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
          <header className={css.head}>
            <span className={css.name}>{picture.name}</span>
            {last > 0 && <span>{t("files.of", { index: at + 1, count: pictures.length })}</span>}
            <a
              href={picture.url}
              download={picture.name}
              className={css.tool}
              aria-label={t("files.download", { name: picture.name })}
            >
              <Download size={18} />
            </a>
            <IconButton
              tip="none"
              label={t("common.close")}
              className={css.tool}
              onClick={close_dialog}
            >
              <X size={20} />
            </IconButton>
          </header>
          <div className={css.stage}>
            <img
              key={picture.url}
              src={picture.thumbnail_url ? `${picture.url}?size=1280` : picture.url}
              width={picture.width ?? undefined}
              height={picture.height ?? undefined}
              alt={picture.name}
            />
          </div>
          {at > 0 && (
            <IconButton
              tip="none"
              label={t("files.previous")}
              className={`${css.tool} ${css.left}`}
              onClick={() => setAt(at - 1)}
            >
              <ChevronLeft size={24} />
            </IconButton>
          )}
          {at < last && (
            <IconButton
              tip="none"
              label={t("files.next")}
              className={`${css.tool} ${css.right}`}
              onClick={() => setAt(at + 1)}
            >
              <ChevronRight size={24} />
            </IconButton>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
