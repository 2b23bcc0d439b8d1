import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useT } from "../../i18n";
import {
  emoji_groups,
  emoji_name,
  find_emoji,
  recent_emoji,
  remember_emoji,
  type Emoji,
  type GroupName,
} from "./emoji_data";
import { useComposition } from "../composer/useComposition";
import css from "./Emoji.module.css";

const found_max = 120;
const columns = 8;

const signs: Record<GroupName, string> = {
  smileys: "😀",
  people: "👋",
  nature: "🌿",
  food: "🍎",
  travel: "✈️",
  activities: "⚽",
  objects: "💡",
  symbols: "❤️",
  flags: "🏁",
};

type Shown = { readonly title: string; readonly emoji: readonly Emoji[] };

/** One group at a time: the page has a few hundred buttons at most. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const [group, setGroup] = useState<GroupName>("smileys");
  const grid = useRef<HTMLDivElement>(null);
  const composition = useComposition();
  const shown = useShown(typed, group);
  const pick = (emoji: string) => {
    remember_emoji(emoji);
    onPick(emoji);
  };
  const first = shown.find((each) => each.emoji.length > 0)?.emoji[0];
  const type_key = (event: KeyboardEvent) => {
    if (composition.has(event)) return;
    if (event.key === "Enter" && typed.trim() !== "" && first) pick(first.unicode);
    if (event.key === "ArrowDown") {
      event.preventDefault();
      grid.current?.querySelector<HTMLElement>("button")?.focus();
    }
  };
  return (
    <div className={css.picker}>
      <input
        type="search"
        className={css.search}
        aria-label={t("emoji.search")}
        placeholder={t("emoji.search")}
        autoFocus
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={type_key}
        {...composition.handlers}
      />
      <Groups
        chosen={typed === "" ? group : null}
        onChoose={(name) => {
          setTyped("");
          setGroup(name);
        }}
      />
      {/* oxlint-disable-next-line no-static-element-interactions -- arrow keys of its buttons */}
      <div ref={grid} className={css.scroll} onKeyDown={(event) => move(event, grid.current)}>
        {shown.map((each) => (
          <EmojiGrid key={each.title} shown={each} onPick={pick} />
        ))}
      </div>
    </div>
  );
}

function useShown(typed: string, group: GroupName): readonly Shown[] {
  const t = useT();
  return useMemo(() => {
    if (typed.trim() !== "") {
      return [{ title: t("emoji.found"), emoji: find_emoji(typed, found_max) }];
    }
    const chosen = emoji_groups.find((each) => each.name === group);
    const of_group = { title: t(`emoji.${group}`), emoji: chosen?.emoji ?? [] };
    if (group !== "smileys") return [of_group];
    const recent = recent_emoji().map((unicode) => ({
      unicode,
      name: emoji_name(unicode) ?? unicode,
      words: "",
    }));
    return [{ title: t("emoji.recent"), emoji: recent }, of_group];
  }, [typed, group, t]);
}

type GroupsProps = { chosen: GroupName | null; onChoose: (name: GroupName) => void };

function Groups({ chosen, onChoose }: GroupsProps) {
  const t = useT();
  return (
    <div className={css.groups} role="group" aria-label={t("emoji.groups")}>
      {emoji_groups.map(({ name }) => (
        <button
          key={name}
          type="button"
          aria-label={t(`emoji.${name}`)}
          aria-pressed={chosen === name}
          onClick={() => onChoose(name)}
        >
          <span aria-hidden="true">{signs[name]}</span>
        </button>
      ))}
    </div>
  );
}

type EmojiGridProps = { shown: Shown; onPick: (emoji: string) => void };

function EmojiGrid({ shown: { title, emoji }, onPick }: EmojiGridProps) {
  const t = useT();
  return (
    <section aria-label={title}>
      <h3 className={css.title}>{title}</h3>
      <div className={css.grid}>
        {emoji.map(({ unicode, name }) => (
          <button
            key={unicode}
            type="button"
            className={css.emoji}
            aria-label={name.replaceAll("_", " ")}
            title={`:${name}:`}
            onClick={() => onPick(unicode)}
          >
            {unicode}
          </button>
        ))}
      </div>
      {emoji.length === 0 && <p className={css.none}>{t("emoji.none")}</p>}
    </section>
  );
}

const steps: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -columns,
  ArrowDown: columns,
};

function move(event: KeyboardEvent, grid: HTMLElement | null): void {
  const step = steps[event.key];
  if (step === undefined || grid === null) return;
  event.preventDefault();
  const buttons = [...grid.querySelectorAll<HTMLElement>("button")];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus();
}
