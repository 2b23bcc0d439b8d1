import type { ReactNode } from "react";
import { ArrowLeft } from "lucide-react";
import { IconButton } from "./Button";
import css from "./Page.module.css";

type PageProps = {
  title: string;
  backLabel: string;
  onBack: () => void;
  actions?: ReactNode;
  children: ReactNode;
};

/** A page in the place of a chat, with its content in a column. */
export function Page({ title, backLabel, onBack, actions, children }: PageProps) {
  return (
    <main className={css.page}>
      <header className={css.head}>
        <IconButton label={backLabel} className={css.back} onClick={onBack}>
          <ArrowLeft size={18} />
        </IconButton>
        <h1 className={css.title}>{title}</h1>
        {actions}
      </header>
      <div className={css.scroll}>
        <div className={css.column}>{children}</div>
      </div>
    </main>
  );
}
