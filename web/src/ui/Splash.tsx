import { Logo } from "./Logo";
import css from "./Splash.module.css";

/** While it is not known yet what to show. It has no text, since there may be no catalogue. */
export function Splash() {
  return (
    <div className={css.splash} aria-busy="true">
      <Logo size={44} />
    </div>
  );
}
