import { useEffect, useRef } from "react";
import { AtSign } from "lucide-react";
import { useT } from "../../i18n";
import { Avatar } from "../../ui/Avatar";
import type { Suggestion } from "./useSuggestions";
import css from "./MessageBox.module.css";

type SuggestionListProps = {
  id: string;
  suggestions: readonly Suggestion[];
  chosen: number;
  onPick: (suggestion: Suggestion) => void;
};

/** The focus stays in the box; the chosen one is its active descendant. */
export function SuggestionList({ id, suggestions, chosen, onPick }: SuggestionListProps) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <div
      ref={list}
      id={id}
      role="listbox"
      aria-label={t("composer.suggestions")}
      className={css.list}
    >
      {suggestions.map((suggestion, index) => (
        <div
          key={suggestion.key}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          className={css.option}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(suggestion)}
          onKeyDown={undefined}
        >
          <span className={css.sign} aria-hidden="true">
            {suggestion.emoji ??
              (suggestion.person ? (
                <Avatar
                  id={suggestion.person.id}
                  name={suggestion.person.fullname}
                  url={suggestion.person.avatar_url}
                  size="s"
                />
              ) : (
                <AtSign size={16} />
              ))}
          </span>
          <span className={css.name} dir="auto">
            {suggestion.name}
          </span>
          {suggestion.hint && <span className={css.hint}>{suggestion.hint}</span>}
        </div>
      ))}
    </div>
  );
}
