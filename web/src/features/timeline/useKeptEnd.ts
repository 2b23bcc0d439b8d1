import { useEffect, useRef, type RefObject } from "react";
import { end_px } from "./end";
import type { ListVirtualizer } from "./useLanding";

interface KeptEnd {
  readonly virtualizer: ListVirtualizer;
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Whether what is held reaches the newest message. */
  readonly at_end: boolean;
  /** Whether the list is shown, at the place where it began. */
  readonly shown: boolean;
}

/**
 * A list at its end stays there when its place on the screen changes: a taller box to write in, a
 * narrower window, a bigger font. Rows that grow are the matter of the virtualizer.
 */
export function useKeptEnd({ virtualizer, scroller, at_end, shown }: KeptEnd): void {
  const stands = useRef(false); // at the end, until it is scrolled away from there
  const last_top = useRef(0);
  useEffect(() => {
    const element = scroller.current;
    if (!element || !shown) return;
    const look = () => {
      const { scrollHeight, scrollTop, clientHeight } = element;
      if (scrollHeight - scrollTop - clientHeight <= end_px) stands.current = at_end;
      else if (!at_end || scrollTop < last_top.current) stands.current = false;
      last_top.current = scrollTop;
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    const sizes = new ResizeObserver(() => {
      if (stands.current) virtualizer.scrollToEnd();
    });
    sizes.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      sizes.disconnect();
    };
  }, [virtualizer, scroller, at_end, shown]);
}
