import {
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
} from "react";
import type { Chat } from "../../sync";
import { has_touch_keyboard } from "../switcher/platform";
import { key_action, type KeyAction } from "./keys";
import { completed, token_at, type Token } from "./suggest";
import { SuggestionList } from "./SuggestionList";
import { useComposition } from "./useComposition";
import { useSuggestions, type Suggestion } from "./useSuggestions";
import css from "./MessageBox.module.css";

export interface BoxHandle {
  focus(): void;
  /** Puts a text in place of what is selected. */
  insert(text: string): void;
}

type MessageBoxProps = {
  ref?: Ref<BoxHandle>;
  chat: Chat;
  label: string;
  placeholder?: string;
  value: string;
  hasFiles: boolean;
  editing: boolean;
  autoFocus?: boolean;
  onChange: (text: string) => void;
  onAction: (action: "send" | "edit_last" | "cancel_edit" | "mark_read") => void;
  onPaste?: (event: ClipboardEvent<HTMLTextAreaElement>) => void;
};

/** The box for a text. What a key does is decided in keys.ts. */
export function MessageBox(props: MessageBoxProps) {
  const { ref, chat, label, placeholder, value, autoFocus, onChange, onPaste } = props;
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  useCaretAtEnd(area);
  const composition = useComposition();
  const [caret, setCaret] = useState(value.length);
  useGrowing(area, value);
  const change = (text: string, at: number) => {
    onChange(text);
    setCaret(at);
  };
  const put = (text: string, at: number) => {
    change(text, at);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(at, at);
    });
  };
  useImperativeHandle(ref, () => handle_of(area.current, value, put));
  const completion = useCompletion(chat, value, caret, put);
  const on_key = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const action = key_action(press_of(event), {
      text: value,
      caret: event.currentTarget.selectionStart,
      has_files: props.hasFiles,
      suggestions: completion.state,
      composition_just_ended: composition.just_ended(event),
      touch: has_touch_keyboard(),
      editing: props.editing,
    });
    if (action === "none") return;
    event.preventDefault();
    if (!completion.act(action) && is_of_box(action)) props.onAction(action);
  };
  const { open, chosen } = completion;
  return (
    <div className={css.box}>
      {open && (
        <SuggestionList
          id={id}
          suggestions={completion.suggestions}
          chosen={chosen}
          onPick={completion.pick}
        />
      )}
      <textarea
        ref={area}
        className={css.area}
        rows={1}
        dir="auto"
        aria-label={label}
        aria-autocomplete="list"
        aria-controls={open ? id : undefined}
        aria-activedescendant={open ? `${id}-${chosen}` : undefined}
        placeholder={placeholder}
        value={value}
        autoFocus={autoFocus}
        enterKeyHint={has_touch_keyboard() ? "enter" : "send"}
        onChange={(event) => change(event.currentTarget.value, event.currentTarget.selectionStart)}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        {...composition.handlers}
        onKeyDown={on_key}
        onPaste={onPaste}
      />
    </div>
  );
}

function handle_of(
  area: HTMLTextAreaElement | null,
  value: string,
  put: (text: string, caret: number) => void,
): BoxHandle {
  return {
    focus: () => area?.focus(),
    insert: (text) => {
      const { selectionStart: from = value.length, selectionEnd: to = value.length } = area ?? {};
      put(value.slice(0, from) + text + value.slice(to), from + text.length);
    },
  };
}

type BoxAction = Parameters<MessageBoxProps["onAction"]>[0];

function is_of_box(action: KeyAction): action is BoxAction {
  return ["send", "edit_last", "cancel_edit", "mark_read"].includes(action);
}

/** The list of suggestions: what is in it, which is chosen, and what its keys do. */
function useCompletion(
  chat: Chat,
  value: string,
  caret: number,
  put: (text: string, caret: number) => void,
) {
  const [closed, setClosed] = useState<string | null>(null);
  const [chosen, setChosen] = useState(0);
  const token = token_at(value, caret);
  const shown = token && closed !== token_key(token) ? token : null;
  const suggestions = useSuggestions(chat, shown);
  useEffect(() => setChosen(0), [shown?.typed, shown?.sign]);
  const pick = (suggestion: Suggestion | undefined) => {
    if (!shown || !suggestion) return;
    const next = completed(value, shown, suggestion.text);
    put(next.text, next.caret);
  };
  const count = suggestions.length;
  const act = (action: KeyAction): boolean => {
    if (action === "pick") pick(suggestions[chosen]);
    else if (action === "next") setChosen((chosen + 1) % count);
    else if (action === "previous") setChosen((chosen + count - 1) % count);
    else if (action === "close_suggestions") setClosed(shown ? token_key(shown) : null);
    else return false;
    return true;
  };
  return {
    open: shown !== null && count > 0,
    state: shown ? { typed: shown.typed, matches: count } : null,
    suggestions,
    chosen,
    pick,
    act,
  };
}

function token_key(token: Token): string {
  return `${token.sign}${token.start}`;
}

function press_of(event: KeyboardEvent<HTMLTextAreaElement>) {
  return {
    key: event.key,
    shift: event.shiftKey,
    alt: event.altKey,
    ctrl: event.ctrlKey || event.metaKey,
    repeat: event.repeat,
    composing: event.nativeEvent.isComposing,
    key_code: event.keyCode,
  };
}

/** A box that is there with a text is written on in; browsers begin at its start. */
function useCaretAtEnd(area: React.RefObject<HTMLTextAreaElement | null>): void {
  useLayoutEffect(() => {
    const end = area.current?.value.length ?? 0;
    area.current?.setSelectionRange(end, end);
  }, [area]);
}

const grows_by_itself = () => CSS.supports?.("field-sizing", "content") ?? false;

/** Where CSS cannot, the box is made as high as its text here. */
function useGrowing(area: React.RefObject<HTMLTextAreaElement | null>, value: string): void {
  useLayoutEffect(() => {
    const element = area.current;
    if (!element || grows_by_itself()) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [area, value]);
}
