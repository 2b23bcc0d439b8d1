import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/Feedback";

export function Crash({ onAgain }: { onAgain: () => void }) {
  const t = useT();
  return (
    <main role="alert">
      <EmptyState
        title={t("shell.failed")}
        action={<Button onClick={onAgain}>{t("common.retry")}</Button>}
      />
    </main>
  );
}
