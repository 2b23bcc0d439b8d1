import { useEffect } from "react";
import { X } from "lucide-react";
import { useIntl, useT } from "../../i18n";
import {
  chat_name,
  person_name,
  useActions,
  useSync,
  type ApiSearchResult,
  type ChatType,
  type SearchQuestion,
} from "../../sync";
import { days_of_month } from "./query";
import css from "./SearchPage.module.css";

type FacetsProps = {
  facets: ApiSearchResult["facets"];
  question: SearchQuestion;
  onChange: (fields: Partial<SearchQuestion>) => void;
};

const shown_max = 6;

function top(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts)
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, shown_max);
}

/** How many of the matches belong to each chat, sender, kind and month; each narrows the search. */
export function Facets({ facets, question, onChange }: FacetsProps) {
  const t = useT();
  const intl = useIntl();
  const actions = useActions();
  const chats = useSync((state) => state.chats);
  const people = useSync((state) => state.people);
  useEffect(() => {
    const unknown = Object.keys(facets.sender_id).map(Number).slice(0, 100);
    if (unknown.length > 0) actions.knowPeople(unknown);
  }, [actions, facets]);
  const name_of_chat = (id: string) => {
    const chat = chats.get(Number(id));
    return chat ? chat_name(chat, people) : t("chats.unnamed");
  };
  const groups = [
    {
      name: t("search.by_chat"),
      values: top(facets.chat_id),
      label: name_of_chat,
      chosen: question.chat_id === undefined ? null : String(question.chat_id),
      choose: (value: string | null) =>
        onChange({ chat_id: value === null ? undefined : Number(value) }),
    },
    {
      name: t("search.by_sender"),
      values: top(facets.sender_id),
      label: (id: string) => person_name(people, Number(id)) || t("people.unknown"),
      chosen: question.sender_id === undefined ? null : String(question.sender_id),
      choose: (value: string | null) =>
        onChange({ sender_id: value === null ? undefined : Number(value) }),
    },
    {
      name: t("search.by_kind"),
      values: top(facets.chat_type),
      label: (type: string) => t(`chat_type.${type as ChatType}`),
      chosen: question.chat_type ?? null,
      choose: (value: string | null) =>
        onChange({ chat_type: value === null ? undefined : (value as ChatType) }),
    },
    {
      name: t("search.by_month"),
      values: top(facets.month),
      label: (month: string) =>
        intl.formatDate(`${month}-15T12:00:00Z`, { month: "long", year: "numeric" }),
      chosen: question.from?.slice(0, 7) ?? null,
      choose: (value: string | null) =>
        onChange(value === null ? { from: undefined, to: undefined } : days_of_month(value)),
    },
  ];
  return (
    <div className={css.facets} role="group" aria-label={t("search.narrow")}>
      {groups
        .filter((group) => group.values.length > 1 || group.chosen !== null)
        .map((group) => (
          <div key={group.name} className={css.facet}>
            <span className={css.facetName}>{group.name}</span>
            {group.values.map(([value, count]) => {
              const chosen = group.chosen === value;
              return (
                <button
                  key={value}
                  type="button"
                  className={css.facetValue}
                  aria-pressed={chosen}
                  onClick={() => group.choose(chosen ? null : value)}
                >
                  {group.label(value)}
                  {chosen ? (
                    <X size={12} aria-hidden="true" />
                  ) : (
                    <span className={css.facetCount}>{count}</span>
                  )}
                </button>
              );
            })}
          </div>
        ))}
    </div>
  );
}
