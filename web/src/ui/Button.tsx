import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { classes } from "./classes";
import { Spinner } from "./Spinner";
import css from "./Button.module.css";

export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";

type NativeButton = ButtonHTMLAttributes<HTMLButtonElement> & { ref?: Ref<HTMLButtonElement> };

type ButtonProps = NativeButton & {
  kind?: ButtonKind;
  small?: boolean;
  wide?: boolean;
  busy?: boolean;
  icon?: ReactNode;
};

/** While it is busy it keeps its name and focus, and does nothing. */
export function Button({
  kind = "secondary",
  small,
  wide,
  busy,
  icon,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      className={classes(css.button, css[kind], small && css.small, wide && css.wide, className)}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <Spinner small /> : icon}
      {children !== undefined && <span className={css.label}>{children}</span>}
    </button>
  );
}

type IconButtonProps = NativeButton & {
  /** The accessible name, and the tip that is shown on hover. */
  label: string;
  tip?: "top" | "bottom" | "left" | "none";
  small?: boolean;
  pressed?: boolean;
};

/** A button with a picture alone. Its target is at least 24 by 24 px. */
export function IconButton({
  label,
  tip = "bottom",
  small,
  pressed,
  className,
  children,
  type = "button",
  ...rest
}: IconButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      aria-pressed={pressed}
      data-tip={tip === "none" ? undefined : label}
      data-tip-side={tip}
      className={classes(css.icon, small && css.iconSmall, className)}
    >
      {children}
    </button>
  );
}
