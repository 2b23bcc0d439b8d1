import { useEffect, useState } from "react";
import { CloudOff } from "lucide-react";
import { useT } from "../../i18n";
import { useActions, useConnection } from "../../sync";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import css from "./ConnectionBar.module.css";

const quiet_ms = 2500;

/** Says that what is shown may be old. A short interruption says nothing. */
export function ConnectionBar() {
  const t = useT();
  const actions = useActions();
  const { phase, since_ms } = useConnection();
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (phase === "live" || since_ms === null) return;
    const wait = Math.max(0, since_ms + quiet_ms - Date.now());
    const timer = setTimeout(() => setLate(true), wait);
    return () => clearTimeout(timer);
  }, [phase, since_ms]);
  if (phase === "live" || !late) return null;
  const offline = phase === "offline";
  return (
    <div className={css.bar} role="status">
      {offline ? <CloudOff size={16} aria-hidden="true" /> : <Spinner small />}
      <span>{offline ? t("connection.offline") : t("connection.connecting")}</span>
      {offline && (
        <Button small kind="quiet" onClick={() => actions.wakeUp()}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}
