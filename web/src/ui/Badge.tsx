import type { ReactNode } from "react";
import { classes } from "./classes";
import css from "./Badge.module.css";

/** A number in a bubble; above 99 it is "99+". `label` is what a screen reader says instead. */
export function CountBadge({
  count,
  label,
  loud,
}: {
  count: number;
  label: string;
  loud?: boolean;
}) {
  if (count <= 0) return null;
  return (
    <span className={classes(css.count, loud && css.loud)}>
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

export function Tag({
  children,
  tone = "plain",
}: {
  children: ReactNode;
  tone?: "plain" | "accent" | "warning";
}) {
  return <span className={classes(css.tag, css[tone])}>{children}</span>;
}

export function Kbd({ children }: { children: string }) {
  return <kbd className={css.kbd}>{children}</kbd>;
}
