import { useEffect, type RefObject } from "react";
import type { BoxHandle } from "./MessageBox";

/** A letter that is typed while nothing has the focus goes into the box. */
export function useTypeToFocus(box: RefObject<BoxHandle | null>, on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
      if (event.key === " " || event.defaultPrevented) return;
      const { activeElement } = document;
      if (activeElement !== null && activeElement !== document.body) return;
      box.current?.focus();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [box, on]);
}
