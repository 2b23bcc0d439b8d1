import type { ReactNode } from "react";
import { X } from "lucide-react";
import { IconButton } from "./Button";
import css from "./Pane.module.css";

type PaneProps = {
  title: string;
  subtitle?: ReactNode;
  closeLabel: string;
  onClose: () => void;
  /** Buttons beside that which closes it. */
  actions?: ReactNode;
  children: ReactNode;
};

/** What stands beside a chat; on a narrow page, over it. Esc closes it. */
export function Pane({ title, subtitle, closeLabel, onClose, actions, children }: PaneProps) {
  return (
    // oxlint-disable-next-line no-noninteractive-element-interactions -- Esc, from all within
    <aside
      className={css.pane}
      aria-label={title}
      data-region="pane"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header className={css.head}>
        <div className={css.titles}>
          <h2 className={css.title}>{title}</h2>
          {subtitle && <div className={css.subtitle}>{subtitle}</div>}
        </div>
        {actions}
        <IconButton label={closeLabel} tip="left" onClick={onClose}>
          <X size={18} />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}
