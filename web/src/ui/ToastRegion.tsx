import { X } from "lucide-react";
import { useStore } from "zustand";
import { Button, IconButton } from "./Button";
import { classes } from "./classes";
import { dismiss_toast, toasts } from "./toasts";
import css from "./Toast.module.css";

/** Where toasts appear. It is in the page from the start, so that screen readers hear the first. */
export function ToastRegion({ label, closeLabel }: { label: string; closeLabel: string }) {
  const list = useStore(toasts, (state) => state.list);
  return (
    <section aria-label={label} className={css.region}>
      <div role="status" aria-live="polite" className={css.list}>
        {list.map((toast) => (
          <div key={toast.id} className={classes(css.toast, toast.tone === "danger" && css.danger)}>
            <span className={css.text}>{toast.text}</span>
            {toast.action && (
              <Button
                small
                kind="quiet"
                className={css.action}
                onClick={() => {
                  toast.action?.run();
                  dismiss_toast(toast.id);
                }}
              >
                {toast.action.label}
              </Button>
            )}
            <IconButton
              small
              tip="none"
              className={css.action}
              label={closeLabel}
              onClick={() => dismiss_toast(toast.id)}
            >
              <X size={15} />
            </IconButton>
          </div>
        ))}
      </div>
    </section>
  );
}
