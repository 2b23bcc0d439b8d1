import { useRef, useState, type DragEvent, type ReactNode } from "react";
import { Upload } from "lucide-react";
import { useT } from "../../i18n";
import { useActions, type DraftKey } from "../../sync";
import css from "./DropTarget.module.css";

/** Files that are dropped on it join the draft. */
export function DropTarget({
  draft,
  disabled,
  children,
}: {
  draft: DraftKey;
  disabled: boolean;
  children: ReactNode;
}) {
  const t = useT();
  const actions = useActions();
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const has_files = (event: DragEvent) =>
    !disabled && [...event.dataTransfer.types].includes("Files");
  const enter = (event: DragEvent) => {
    if (!has_files(event)) return;
    depth.current += 1;
    setOver(true);
  };
  const leave = (event: DragEvent) => {
    if (!has_files(event)) return;
    depth.current -= 1;
    if (depth.current <= 0) setOver(false);
  };
  const drop = (event: DragEvent) => {
    if (!has_files(event)) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    for (const file of event.dataTransfer.files) actions.upload(draft, file);
  };
  return (
    <div
      className={css.target}
      onDragEnter={enter}
      onDragLeave={leave}
      onDragOver={(event) => {
        if (has_files(event)) event.preventDefault();
      }}
      onDrop={drop}
    >
      {children}
      {over && (
        <div className={css.over} aria-hidden="true">
          <span>
            <Upload size={22} />
            {t("files.drop")}
          </span>
        </div>
      )}
    </div>
  );
}
