import { useState } from "react";
import { Hash, Lock, UsersRound } from "lucide-react";
import { classes } from "./classes";
import css from "./Avatar.module.css";

export type Presence = "online" | "away" | "offline";

/** The first letters of the first and the last word; of a Chinese name its last two characters. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = words[0];
  if (first === undefined) return "?";
  const letters = [...first];
  if (words.length === 1 && /\p{Script=Han}/u.test(first)) return letters.slice(-2).join("");
  const last = words.length > 1 ? words.at(-1) : undefined;
  return ((letters[0] ?? "?") + (last ? ([...last][0] ?? "") : "")).toLocaleUpperCase();
}

const hues = 8;

type AvatarProps = {
  id: number;
  name: string;
  url?: string | null;
  size?: "xs" | "s" | "m" | "l" | "xl";
  presence?: Presence;
  presenceLabel?: string;
};

/** Decoration beside a name: screen readers hear the presence alone, where it has a label. */
export function Avatar({ id, name, url, size = "m", presence, presenceLabel }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const shown = url?.startsWith("/") && broken !== url ? url : null;
  return (
    <span className={classes(css.avatar, css[size], css[`hue${id % hues}`])}>
      {shown ? (
        <img
          src={shown}
          alt=""
          className={css.picture}
          loading="lazy"
          onError={() => setBroken(shown)}
        />
      ) : (
        <span aria-hidden="true" data-initials={initials(name)} className={css.letters} />
      )}
      {presence && presence !== "offline" && (
        <span
          className={classes(css.presence, css[presence])}
          role={presenceLabel ? "img" : undefined}
          aria-label={presenceLabel}
        />
      )}
    </span>
  );
}

/** The sign of a chat that is not one person. */
export function ChatSign({
  type,
  size = "s",
}: {
  type: "Group" | "PrivateChannel" | "PublicChannel";
  size?: "s" | "m";
}) {
  const Icon = type === "Group" ? UsersRound : type === "PrivateChannel" ? Lock : Hash;
  return (
    <span className={classes(css.sign, css[size])} aria-hidden="true">
      <Icon size={size === "s" ? 15 : 18} />
    </span>
  );
}

export function AvatarStack({
  people,
}: {
  people: { id: number; name: string; url?: string | null }[];
}) {
  return (
    <span className={css.stack}>
      {people.slice(0, 4).map((person) => (
        <Avatar key={person.id} {...person} size="xs" />
      ))}
    </span>
  );
}
