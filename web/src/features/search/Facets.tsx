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
const known_max = 100;

function top(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts)
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, shown_max);
}

interface Group {
  readonly name: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly chosen: string | null;
  readonly label: (value: string) => string;
  readonly choose: (value: string | null) => void;
}

/** How many of the matches belong to each chat, sender, kind and month; each narrows the search. */
export function Facets(props: FacetsProps) {
  const t = useT();
  const groups = [
    useChatGroup(props),
    useSenderGroup(props),
    useKindGroup(props),
    useMonthGroup(props),
  ];
  return (
    <div className={css.facets} role="group" aria-label={t("search.narrow")}>
      {groups
        .filter((group) => group.chosen !== null || Object.keys(group.counts).length > 1)
        .map((group) => (
          <Values key={group.name} group={group} />
        ))}
    </div>
  );
}

function Values({ group }: { group: Group }) {
  return (
    <div className={css.facet}>
      <span className={css.facetName}>{group.name}</span>
      {top(group.counts).map(([value, count]) => {
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
  );
}

function text_of(id: number | undefined): string | null {
  return id === undefined ? null : String(id);
}

function id_or_none(value: string | null): number | undefined {
  return value === null ? undefined : Number(value);
}

function useChatGroup({ facets, question, onChange }: FacetsProps): Group {
  const t = useT();
  const chats = useSync((state) => state.chats);
  const people = useSync((state) => state.people);
  return {
    name: t("search.by_chat"),
    counts: facets.chat_id,
    chosen: text_of(question.chat_id),
    label: (id) => {
      const chat = chats.get(Number(id));
      return chat ? chat_name(chat, people) : t("chats.unnamed");
    },
    choose: (value) => onChange({ chat_id: id_or_none(value) }),
  };
}

function useSenderGroup({ facets, question, onChange }: FacetsProps): Group {
  const t = useT();
  const actions = useActions();
  const people = useSync((state) => state.people);
  useEffect(() => {
    const senders = Object.keys(facets.sender_id).map(Number).slice(0, known_max);
    if (senders.length > 0) actions.knowPeople(senders);
  }, [actions, facets]);
  return {
    name: t("search.by_sender"),
    counts: facets.sender_id,
    chosen: text_of(question.sender_id),
    label: (id) => person_name(people, Number(id)) || t("people.unknown"),
    choose: (value) => onChange({ sender_id: id_or_none(value) }),
  };
}

function useKindGroup({ facets, question, onChange }: FacetsProps): Group {
  const t = useT();
  return {
    name: t("search.by_kind"),
    counts: facets.chat_type,
    chosen: question.chat_type ?? null,
    label: (type) => t(`chat_type.${type as ChatType}`),
    choose: (value) => onChange({ chat_type: value === null ? undefined : (value as ChatType) }),
  };
}

function useMonthGroup({ facets, question, onChange }: FacetsProps): Group {
  const t = useT();
  const intl = useIntl();
  return {
    name: t("search.by_month"),
    counts: facets.month,
    chosen: question.from?.slice(0, 7) ?? null,
    label: (month) => intl.formatDate(`${month}-15T12:00:00Z`, { month: "long", year: "numeric" }),
    choose: (value) =>
      onChange(value === null ? { from: undefined, to: undefined } : days_of_month(value)),
  };
}
