import { useEffect, useState, type FormEvent } from "react";
import { Search, X } from "lucide-react";
import { useLocation, useSearch } from "wouter";
import { message_path, paths } from "../../app/routes";
import { useIntl, useT } from "../../i18n";
import {
  useActions,
  useChatName,
  useSearchState,
  type ApiSearchHit,
  type SearchQuestion,
} from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { Banner, EmptyState, Skeleton } from "../../ui/Feedback";
import { SelectField } from "../../ui/Field";
import { Page } from "../../ui/Page";
import { failure_text } from "../common/failure";
import { short_time } from "../common/times";
import { useGoToMessage } from "../timeline/useGo";
import { Facets } from "./Facets";
import { highlight_parts } from "./highlight";
import { question_of, query_of } from "./query";
import css from "./SearchPage.module.css";

/** The question is in the address, so that it can be linked and gone back to. */
export default function SearchPage() {
  const t = useT();
  const actions = useActions();
  const [, navigate] = useLocation();
  const address = useSearch();
  const search = useSearchState();
  const question = question_of(address);
  useEffect(() => {
    const asked = question_of(address);
    if (asked.q.trim() === "" && !asked.has) actions.clearSearch();
    else void actions.search(asked);
  }, [actions, address]);
  const change = (fields: Partial<SearchQuestion>) =>
    navigate(`${paths.search}?${query_of({ ...question, ...fields })}`);
  const asked = search.question !== null;
  return (
    <Page title={t("search.title")} backLabel={t("shell.back")} onBack={() => navigate(paths.home)}>
      <SearchForm question={question} onChange={change} />
      {search.error && <Banner tone="danger">{failure_text(t, search.error)}</Banner>}
      {!asked && (
        <EmptyState icon={<Search size={22} />} title={t("search.empty")}>
          {t("search.empty_text")}
        </EmptyState>
      )}
      {asked && search.status === "loading" && search.hits.length === 0 && (
        <Skeleton rows={4} label={t("common.loading")} />
      )}
      {asked && search.status === "ready" && search.hits.length === 0 && !search.error && (
        <EmptyState title={t("search.nothing")}>{t("search.nothing_text")}</EmptyState>
      )}
      {asked && search.facets && search.hits.length > 0 && (
        <Facets facets={search.facets} question={question} onChange={change} />
      )}
      {asked && search.hits.length > 0 && (
        <>
          <p className={css.total} role="status">
            {t("search.total", { count: search.total })}
          </p>
          <ul className={css.hits} aria-label={t("search.results")}>
            {search.hits.map((hit) => (
              <li key={hit.id}>
                <Hit hit={hit} />
              </li>
            ))}
          </ul>
        </>
      )}
      {search.next_cursor && (
        <div className={css.more}>
          <Button busy={search.status === "loading"} onClick={() => void actions.searchMore()}>
            {t("common.more")}
          </Button>
        </div>
      )}
    </Page>
  );
}

type FormProps = {
  question: SearchQuestion;
  onChange: (fields: Partial<SearchQuestion>) => void;
};

function SearchForm({ question, onChange }: FormProps) {
  const t = useT();
  const [typed, setTyped] = useState(question.q);
  const chat = useChatName(question.chat_id ?? null);
  useEffect(() => setTyped(question.q), [question.q]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange({ q: typed });
  };
  return (
    <form role="search" className={css.form} onSubmit={submit}>
      <div className={css.row}>
        <input
          type="search"
          className={css.input}
          aria-label={t("search.label")}
          placeholder={chat ? t("search.placeholder_in", { name: chat }) : t("search.placeholder")}
          autoFocus
          maxLength={512}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button kind="primary" type="submit">
          {t("search.action")}
        </Button>
      </div>
      <p className={css.hint}>{t("search.operators")}</p>
      <div className={css.row}>
        {question.chat_id !== undefined && (
          <button
            type="button"
            className={css.facetValue}
            aria-pressed="true"
            aria-label={t("search.everywhere", { name: chat })}
            onClick={() => onChange({ chat_id: undefined })}
          >
            {chat}
            <X size={12} aria-hidden="true" />
          </button>
        )}
        <SelectField
          inline
          label={t("search.sort")}
          value={question.sort ?? "relevance"}
          onChange={(event) =>
            onChange({ sort: event.currentTarget.value as NonNullable<SearchQuestion["sort"]> })
          }
        >
          <option value="relevance">{t("search.sort_relevance")}</option>
          <option value="newest">{t("search.sort_newest")}</option>
          <option value="oldest">{t("search.sort_oldest")}</option>
        </SelectField>
        <SelectField
          inline
          label={t("search.has")}
          value={question.has ?? ""}
          onChange={(event) => {
            const value = event.currentTarget.value;
            onChange({ has: value === "" ? undefined : (value as "file" | "link") });
          }}
        >
          <option value="">{t("search.has_any")}</option>
          <option value="file">{t("search.has_file")}</option>
          <option value="link">{t("search.has_link")}</option>
        </SelectField>
      </div>
    </form>
  );
}

function Hit({ hit }: { hit: ApiSearchHit }) {
  const t = useT();
  const intl = useIntl();
  const go = useGoToMessage();
  return (
    <a
      href={message_path(hit.chat_id, hit.id)}
      className={css.hit}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(hit.chat_id, hit.id);
      }}
    >
      <span className={css.head}>
        <Avatar id={hit.sender_id} name={hit.sender_name} size="s" />
        <strong>{hit.sender_name}</strong>
        <span className={css.place}>
          {hit.chat_name} · {short_time(intl, t, hit.created_at)}
        </span>
      </span>
      <span className={css.text} dir="auto">
        {highlight_parts(hit.highlight).map((part, index) =>
          part.marked ? <mark key={index}>{part.text}</mark> : part.text,
        )}
        {hit.content === "" && t("message.file")}
      </span>
    </a>
  );
}
