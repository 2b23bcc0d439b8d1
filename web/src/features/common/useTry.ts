import { useCallback } from "react";
import { failure_from } from "../../sync";
import { useT } from "../../i18n";
import { show_toast } from "../../ui/toasts";
import { failure_text } from "./failure";

/** Runs what has no form of its own; a failure is shown as a toast. */
export function useTry(): (work: () => Promise<unknown>, done?: string) => Promise<boolean> {
  const t = useT();
  return useCallback(
    async (work, done) => {
      try {
        await work();
        if (done) show_toast(done);
        return true;
      } catch (error) {
        show_toast(failure_text(t, failure_from(error)), { tone: "danger" });
        return false;
      }
    },
    [t],
  );
}
