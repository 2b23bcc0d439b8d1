import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Search } from "lucide-react";
import { useLocation } from "wouter";
import { chat_path, paths } from "../../app/routes";
import { useT } from "../../i18n";
import { chat_name, useActions, useChatList, useOwnId, useSync, type ApiUser } from "../../sync";
import { Avatar, ChatSign } from "../../ui/Avatar";
import { CountBadge } from "../../ui/Badge";
import { Dialog } from "../../ui/Dialog";
import { focus_composer_soon } from "../composer/focus";
import { useComposition } from "../composer/useComposition";
import { useTry } from "../common/useTry";
import { close_dialog } from "../shell/ui_store";
import { rank_choices, type Choice } from "./rank";
import css from "./QuickSwitcher.module.css";

const wait_ms = 150;

/** ⌘K: chats at once, people a moment later, and the search in messages last. */
export default function QuickSwitcher() {
  const t = useT();
  const id = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const choices = useChoices(typed);
  const choose = useChoose(typed);
  const composition = useComposition();
  useEffect(() => setAt(0), [typed]);
  const press = (event: KeyboardEvent) => {
    if (composition.has(event)) return;
    if (event.key === "ArrowDown") setAt(Math.min(choices.length - 1, at + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
    else if (event.key === "Enter" && !event.repeat) choose(choices[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog bare title={t("switcher.title")} closeLabel={t("common.close")} onClose={close_dialog}>
      <div className={css.head}>
        <Search size={17} aria-hidden="true" />
        <input
          className={css.input}
          role="combobox"
          aria-label={t("switcher.title")}
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={choices.length > 0 ? `${id}-${at}` : undefined}
          aria-autocomplete="list"
          placeholder={t("switcher.placeholder")}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={press}
          {...composition.handlers}
        />
      </div>
      <ChoiceList id={id} choices={choices} at={at} onPoint={setAt} onChoose={choose} />
    </Dialog>
  );
}

function useChoose(typed: string): (choice: Choice | undefined) => void {
  const actions = useActions();
  const attempt = useTry();
  const [, navigate] = useLocation();
  return (choice) => {
    if (!choice) return;
    close_dialog();
    if (choice.kind !== "search") focus_composer_soon();
    if (choice.kind === "chat") navigate(chat_path(choice.id));
    else if (choice.kind === "search") {
      navigate(`${paths.search}?q=${encodeURIComponent(typed.trim())}`);
    } else {
      void attempt(async () => {
        const chat = await actions.createChat({ chat_type: "Single", members: [choice.id] });
        navigate(chat_path(chat.id));
      });
    }
  };
}

type ChoiceListProps = {
  id: string;
  choices: readonly Choice[];
  at: number;
  onPoint: (index: number) => void;
  onChoose: (choice: Choice) => void;
};

function ChoiceList({ id, choices, at, onPoint, onChoose }: ChoiceListProps) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <div ref={list} id={id} role="listbox" aria-label={t("switcher.results")} className={css.list}>
      {choices.map((choice, index) => (
        <div
          key={`${choice.kind} ${choice.id}`}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          className={css.option}
          onPointerMove={() => onPoint(index)}
          onClick={() => onChoose(choice)}
          onKeyDown={undefined}
        >
          <ChoiceRow choice={choice} />
        </div>
      ))}
    </div>
  );
}

function ChoiceRow({ choice }: { choice: Choice }) {
  const t = useT();
  return (
    <>
      <span className={css.sign} aria-hidden="true">
        {choice.kind === "search" ? (
          <Search size={16} />
        ) : choice.kind === "chat" && choice.type !== "Single" ? (
          <ChatSign type={choice.type} />
        ) : (
          <Avatar
            id={choice.person_id ?? choice.id}
            name={choice.name}
            url={choice.avatar_url ?? null}
            size="s"
          />
        )}
      </span>
      <span className={css.name} dir="auto">
        {choice.kind === "search" ? t("switcher.search", { q: choice.name }) : choice.name}
      </span>
      {choice.kind === "person" && <span className={css.hint}>{t("switcher.new_chat")}</span>}
      {choice.kind === "chat" && (
        <CountBadge count={choice.unread} label={t("chats.unread", { count: choice.unread })} />
      )}
    </>
  );
}

function useChoices(typed: string): readonly Choice[] {
  const own = useOwnId();
  const chats = useChatList();
  const people = useSync((state) => state.people);
  const found = useFound(typed);
  return useMemo(() => {
    const known = chats.map((chat) => ({
      kind: "chat" as const,
      id: chat.id,
      name: chat_name(chat, people),
      type: chat.chat_type,
      unread: chat.unread_count,
      person_id: chat.counterpart_id,
      avatar_url: chat.counterpart_id
        ? (people.get(chat.counterpart_id)?.avatar_url ?? null)
        : null,
    }));
    const persons = found
      .filter((user) => user.id !== own && user.status === "Active")
      .map((user) => ({
        kind: "person" as const,
        id: user.id,
        name: user.fullname,
        person_id: user.id,
        avatar_url: user.avatar_url,
      }));
    return rank_choices(known, persons, typed);
  }, [chats, people, found, own, typed]);
}

function useFound(typed: string): readonly ApiUser[] {
  const actions = useActions();
  const [found, setFound] = useState<readonly ApiUser[]>([]);
  useEffect(() => {
    if (typed.trim() === "") {
      setFound([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      actions.listPeople(typed.trim()).then(
        (users) => current && setFound(users ?? []),
        () => undefined, // chats are found without
      );
    }, wait_ms);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [actions, typed]);
  return found;
}
