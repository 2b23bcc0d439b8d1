import { useT } from "../../i18n";
import { useOwnId, useTyping, type Id } from "../../sync";
import css from "./TypingLine.module.css";

/** Its height is there always, so that nothing moves when a person begins to type. */
export function TypingLine({ chat_id }: { chat_id: Id }) {
  const t = useT();
  const own = useOwnId();
  const names = useTyping(chat_id)
    .filter((each) => each.user_id !== own)
    .map((each) => each.user_name);
  const [first = "", second = ""] = names;
  const text =
    names.length === 0
      ? ""
      : names.length === 1
        ? t("typing.one", { first })
        : names.length === 2
          ? t("typing.two", { first, second })
          : t("typing.many");
  return (
    <div className={css.line} data-typing="">
      {text && (
        <>
          <span className={css.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {text}
        </>
      )}
    </div>
  );
}
