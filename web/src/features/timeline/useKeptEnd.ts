import { useEffect, useLayoutEffect, useRef, type RefObject } from "react";
import { end_px } from "./end";
import type { ListVirtualizer } from "./useLanding";

/** How far it is to the end. */
function left_px({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number {
  return scrollHeight - scrollTop - clientHeight;
}

interface KeptEnd {
  readonly virtualizer: ListVirtualizer;
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Whether what is held reaches the newest message. */
  readonly at_end: boolean;
  /** Whether the list is shown, at the place where it began. */
  readonly shown: boolean;
  /** Whether it goes with rows that join its end. */
  readonly follows: boolean;
  readonly count: number;
}

/**
 * A list at its end stays there when its place on the screen changes: a taller box to write in, a
 * narrower window, a bigger font. Rows that grow are the matter of the virtualizer.
 */
export function useKeptEnd(kept: KeptEnd): void {
  const { virtualizer, scroller, at_end, shown, follows, count } = kept;
  const stands = useRef(false); // at the end, until it is scrolled away from there
  const last_top = useRef(0);
  // Rows that have joined the end unfollowed are below: it is the list's end no more. The bar that
  // tells of a lost connection goes in the same moment, which makes the list taller.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && !follows && left_px(element) > end_px) stands.current = false;
  }, [scroller, follows, count]);
  useEffect(() => {
    const element = scroller.current;
    if (!element || !shown) return;
    const look = () => {
      const { scrollTop } = element;
      if (left_px(element) <= end_px) stands.current = at_end;
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
