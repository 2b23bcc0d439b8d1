import { Suspense, useRef, useState } from "react";
import { SmilePlus } from "lucide-react";
import { useT } from "../../i18n";
import {
  person_name,
  useActions,
  useClient,
  type Chat,
  type Message,
  type Reaction,
} from "../../sync";
import { classes } from "../../ui/classes";
import { useTry } from "../common/useTry";
import { lazy_part } from "../../ui/part";
import css from "./Reactions.module.css";

const EmojiPopover = lazy_part(() => import("../emoji/EmojiPopover"));

type ReactionsProps = { message: Message; chat: Chat; active: boolean };

export function Reactions({ message, chat, active }: ReactionsProps) {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const closed = chat.archived_at !== null;
  const react = (emoji: string, on: boolean) =>
    void attempt(() => actions.react(chat.id, message.id, emoji, on));
  return (
    <ul className={css.list} aria-label={t("message.reactions")}>
      {message.reactions.map((reaction) => (
        <li key={reaction.emoji}>
          <ReactionChip reaction={reaction} disabled={closed} onToggle={react} />
        </li>
      ))}
      {!closed && active && (
        <li>
          <button
            ref={trigger}
            type="button"
            className={css.add}
            aria-label={t("message.react")}
            aria-haspopup="dialog"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <SmilePlus size={15} aria-hidden="true" />
          </button>
          {open && (
            <Suspense fallback={null}>
              <EmojiPopover
                trigger={trigger}
                onClose={() => setOpen(false)}
                onPick={(emoji) => react(emoji, true)}
              />
            </Suspense>
          )}
        </li>
      )}
    </ul>
  );
}

const names_max = 12;

function ReactionChip({
  reaction,
  disabled,
  onToggle,
}: {
  reaction: Reaction;
  disabled: boolean;
  onToggle: (emoji: string, on: boolean) => void;
}) {
  const t = useT();
  const client = useClient();
  const [names, setNames] = useState("");
  const find_names = () => {
    const { people } = client.store.getState();
    const known = reaction.user_ids
      .slice(0, names_max)
      .map((id) => person_name(people, id))
      .filter(Boolean);
    setNames(known.join(", "));
  };
  return (
    <button
      type="button"
      disabled={disabled}
      className={classes(css.chip, reaction.me && css.own)}
      aria-pressed={reaction.me}
      aria-label={t("message.reaction", { emoji: reaction.emoji, count: reaction.count })}
      title={names || undefined}
      onPointerEnter={find_names}
      onFocus={find_names}
      onClick={() => onToggle(reaction.emoji, !reaction.me)}
    >
      <span aria-hidden="true" className={css.emoji}>
        {reaction.emoji}
      </span>
      <span aria-hidden="true">{reaction.count}</span>
    </button>
  );
}
