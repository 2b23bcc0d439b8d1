import { useEffect, useId, useRef, useState } from "react";
import { X } from "lucide-react";
import { useT } from "../../i18n";
import { useActions, useOwnId, type ApiUser, type Id } from "../../sync";
import { Avatar } from "../../ui/Avatar";
import { TextField } from "../../ui/Field";
import css from "./PeoplePicker.module.css";

type PeoplePickerProps = {
  chosen: readonly ApiUser[];
  onChange: (chosen: readonly ApiUser[]) => void;
  /** Who is not offered. */
  without?: readonly Id[];
  one?: boolean;
  error?: string | null;
};

const wait_ms = 160;
const no_ids: readonly Id[] = [];

/** People of the workspace, found by name or address, with those that are chosen above. */
export function PeoplePicker({
  chosen,
  onChange,
  without = no_ids,
  one,
  error,
}: PeoplePickerProps) {
  const t = useT();
  const id = useId();
  const own = useOwnId();
  const [typed, setTyped] = useState("");
  const found = useFoundPeople(typed);
  const hidden = new Set([own, ...without]);
  const shown = found.filter((user) => !hidden.has(user.id) && user.status === "Active");
  const toggle = (user: ApiUser) => {
    const without_user = chosen.filter((each) => each.id !== user.id);
    if (without_user.length < chosen.length) onChange(without_user);
    else onChange(one ? [user] : [...chosen, user]);
  };
  return (
    <div className={css.picker}>
      {chosen.length > 0 && !one && <Chosen chosen={chosen} onRemove={toggle} />}
      <TextField
        label={t("people.find")}
        placeholder={t("people.find_hint")}
        type="search"
        autoComplete="off"
        value={typed}
        error={error ?? null}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <ul className={css.list} aria-label={t("people.title")}>
        {shown.map((user) => (
          <li key={user.id}>
            <label className={css.person} htmlFor={`${id}-${user.id}`}>
              <Avatar id={user.id} name={user.fullname} url={user.avatar_url} />
              <span className={css.who}>
                <span>{user.fullname}</span>
                <span className={css.hint}>{user.title ?? user.email}</span>
              </span>
              <input
                id={`${id}-${user.id}`}
                type={one ? "radio" : "checkbox"}
                name={id}
                checked={chosen.some((each) => each.id === user.id)}
                onChange={() => toggle(user)}
              />
            </label>
          </li>
        ))}
        {shown.length === 0 && <li className={css.none}>{t("people.none")}</li>}
      </ul>
    </div>
  );
}

type ChosenProps = { chosen: readonly ApiUser[]; onRemove: (user: ApiUser) => void };

function Chosen({ chosen, onRemove }: ChosenProps) {
  const t = useT();
  return (
    <ul className={css.chips} aria-label={t("people.chosen")}>
      {chosen.map((user) => (
        <li key={user.id}>
          <button
            type="button"
            className={css.chip}
            aria-label={t("people.remove", { name: user.fullname })}
            onClick={() => onRemove(user)}
          >
            {user.fullname}
            <X size={13} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function useFoundPeople(typed: string): readonly ApiUser[] {
  const actions = useActions();
  const [found, setFound] = useState<readonly ApiUser[]>([]);
  const turn = useRef(0);
  useEffect(() => {
    const mine = ++turn.current;
    const timer = setTimeout(
      () => {
        actions.listPeople(typed.trim()).then(
          (users) => {
            if (mine === turn.current) setFound(users ?? []);
          },
          () => undefined, // the former ones stay
        );
      },
      typed === "" ? 0 : wait_ms,
    );
    return () => clearTimeout(timer);
  }, [actions, typed]);
  return found;
}
