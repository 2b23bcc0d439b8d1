import type { ReactNode } from "react";
import { classes } from "./classes";
import css from "./Feedback.module.css";

type Tone = "info" | "success" | "warning" | "danger";

/** A message in the flow of the page. Errors are announced at once, the others when it is quiet. */
export function Banner({
  tone = "info",
  children,
  action,
  icon,
}: {
  tone?: Tone;
  children: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
}) {
  return (
    <div className={classes(css.banner, css[tone])} role={tone === "danger" ? "alert" : "status"}>
      {icon}
      <div className={css.bannerText}>{children}</div>
      {action}
    </div>
  );
}

export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={css.empty}>
      {icon && (
        <div className={css.emptyIcon} aria-hidden="true">
          {icon}
        </div>
      )}
      <p className={css.emptyTitle}>{title}</p>
      {children && <div className={css.emptyText}>{children}</div>}
      {action}
    </div>
  );
}

/** Lines in the place of what is being loaded. `label` is what a screen reader hears once. */
export function Skeleton({ rows = 3, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={label} className={css.skeleton}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={css.skeletonRow} aria-hidden="true">
          <span className={css.skeletonDot} />
          <span className={css.skeletonLines}>
            <span style={{ width: `${24 + ((index * 17) % 22)}%` }} />
            <span style={{ width: `${52 + ((index * 29) % 40)}%` }} />
          </span>
        </div>
      ))}
    </div>
  );
}

/** `value` from 0 to 1. */
export function ProgressBar({ value, label }: { value: number; label: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      className={css.progress}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </div>
  );
}
