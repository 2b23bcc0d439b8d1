// What a key does in the box for a message: the rules alone, without the page.

export interface KeyPress {
  readonly key: string;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean; // or the command key
  readonly repeat: boolean; // it is held down
  readonly composing: boolean; // the browser says: a part of a composition
  readonly key_code: number;
}

export interface BoxState {
  readonly text: string;
  readonly caret: number;
  readonly has_files: boolean;
  /** While the list of suggestions is open: what was typed behind its sign, and what it found. */
  readonly suggestions: { readonly typed: string; readonly matches: number } | null;
  /** A composition has ended with this very key (WebKit reports its Enter afterwards). */
  readonly composition_just_ended: boolean;
  /** Enter makes lines here: a keyboard on the glass. */
  readonly touch: boolean;
  readonly editing: boolean;
}

export type KeyAction =
  | "none" // whatever the browser does
  | "send"
  | "ignore" // nothing, and the browser does nothing either
  | "pick"
  | "next"
  | "previous"
  | "close_suggestions"
  | "edit_last"
  | "cancel_edit"
  | "mark_read";

/**
 * 1. While text is being composed no key does anything here.
 * 2. The Enter that ended a composition belongs to it, in WebKit, too.
 * 3. A later one with the code 229 that is not composing is a plain Enter.
 */
function belongs_to_composition(press: KeyPress, state: BoxState): boolean {
  return press.composing || (press.key_code === 229 && state.composition_just_ended);
}

/** Whether the caret stands in a block of code that is not closed: Enter makes a line there. */
export function in_open_code(text: string, caret: number): boolean {
  const fences = text.slice(0, caret).match(/^ {0,3}```/gm);
  return fences !== null && fences.length % 2 === 1;
}

const letters_for_enter = 2;

function suggestion_key(press: KeyPress, state: BoxState): KeyAction | null {
  const { suggestions } = state;
  if (suggestions === null) return null;
  if (press.key === "Escape") return "close_suggestions";
  if (suggestions.matches === 0) return null;
  if (press.key === "ArrowDown") return "next";
  if (press.key === "ArrowUp") return "previous";
  if (press.key === "Tab" && !press.shift) return "pick";
  if (press.key === "Enter" && !press.shift && suggestions.typed.length >= letters_for_enter) {
    return "pick";
  }
  return null;
}

function enter(press: KeyPress, state: BoxState): KeyAction {
  if (press.ctrl) return press.repeat ? "ignore" : "send";
  if (press.shift || press.alt || state.touch) return "none";
  // A key that is held since before (it chose this chat in the switcher) sends nothing.
  if (press.repeat) return "ignore";
  if (in_open_code(state.text, state.caret)) return "none";
  return "send";
}

export function key_action(press: KeyPress, state: BoxState): KeyAction {
  if (belongs_to_composition(press, state)) return "none";
  const of_suggestions = suggestion_key(press, state);
  if (of_suggestions !== null) return of_suggestions;
  if (press.key === "Enter") return enter(press, state);
  if (press.key === "Escape") return state.editing ? "cancel_edit" : "mark_read";
  const empty = state.text === "" && !state.has_files && !state.editing;
  const plain = !press.shift && !press.alt && !press.ctrl;
  if (press.key === "ArrowUp" && empty && plain) return "edit_last";
  return "none";
}
