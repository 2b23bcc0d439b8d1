import { classes } from "./classes";
import css from "./Feedback.module.css";

/** A picture of waiting; the text beside it, or `label`, says what is waited for. */
export function Spinner({ small, label }: { small?: boolean; label?: string }) {
  return (
    <span
      className={classes(css.spinner, small && css.spinnerSmall)}
      role={label ? "status" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    />
  );
}
