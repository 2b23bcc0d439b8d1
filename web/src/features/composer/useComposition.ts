import { useMemo, useRef, type CompositionEvent, type KeyboardEvent } from "react";

// WebKit reports the Enter that ended a composition after its end, within the same moment.
const echo_ms = 60;

interface Composition {
  /** To be spread over the field. */
  readonly handlers: {
    readonly onCompositionStart: () => void;
    readonly onCompositionEnd: (event: CompositionEvent) => void;
    readonly onKeyUp: () => void;
  };
  /** Whether a composition has ended in the same moment as this key. */
  readonly just_ended: (event: KeyboardEvent) => boolean;
  /** Whether this key is a part of a composition. */
  readonly has: (event: KeyboardEvent) => boolean;
}

/** Tells keys of a composition (Chinese, Japanese, Korean …) from others. */
export function useComposition(): Composition {
  const ended_at = useRef(-Infinity);
  return useMemo(() => {
    const forget = () => {
      ended_at.current = -Infinity;
    };
    const just_ended = (event: KeyboardEvent) => event.timeStamp - ended_at.current < echo_ms;
    return {
      handlers: {
        onCompositionStart: forget,
        onCompositionEnd: (event) => {
          ended_at.current = event.timeStamp;
        },
        onKeyUp: forget,
      },
      just_ended,
      has: (event) => event.nativeEvent.isComposing || (event.keyCode === 229 && just_ended(event)),
    };
  }, []);
}
