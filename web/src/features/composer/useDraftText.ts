import { useCallback, useEffect, useRef, useState } from "react";
import { useActions, type DraftKey } from "../../sync";

/**
 * The text of a draft: held here while it is typed, stored with each change, and taken from the
 * store when it was changed elsewhere (it is loaded, or another device has written).
 */
export function useDraftText(
  key: DraftKey,
  stored: string | null,
): { text: string; setText: (text: string, sent?: boolean) => void } {
  const actions = useActions();
  const [text, setLocal] = useState(stored ?? "");
  const written = useRef<string | null>(stored);
  useEffect(() => {
    if (stored === written.current || (stored === null && !written.current)) return;
    written.current = stored ?? ""; // null: another tab has sent it
    setLocal(stored ?? "");
  }, [stored]);
  const setText = useCallback(
    (next: string, sent = false) => {
      written.current = next;
      setLocal(next);
      if (!sent) actions.setDraft(key, { content: next });
    },
    [actions, key],
  );
  return { text, setText };
}
