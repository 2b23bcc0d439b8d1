import { useT } from "../../i18n";
import { useChatName, usePerson, type Chat } from "../../sync";
import { Avatar, ChatSign } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { may_manage } from "../members/rights";
import { useOwnRole } from "../members/useOwnRole";
import { open_dialog } from "../shell/ui_store";
import css from "./ChatStart.module.css";

/** Above the first message: what this chat is. */
export function ChatStart({ chat }: { chat: Chat }) {
  const t = useT();
  const name = useChatName(chat.id) || t("chats.unnamed");
  const person = usePerson(chat.counterpart_id);
  const role = useOwnRole(chat);
  if (chat.chat_type === "Single") {
    return (
      <div className={css.start}>
        <Avatar
          id={chat.counterpart_id ?? chat.id}
          name={name}
          url={person?.avatar_url ?? null}
          size="l"
        />
        <h2>{name}</h2>
        <p>{t("chat.start_single", { name })}</p>
      </div>
    );
  }
  return (
    <div className={css.start}>
      <div className={css.sign}>
        <ChatSign type={chat.chat_type} size="m" />
      </div>
      <h2 dir="auto">{name}</h2>
      <p>{t(`chat.start_${chat.chat_type}`, { name })}</p>
      {chat.description && <p dir="auto">{chat.description}</p>}
      {may_manage(role) && (
        <Button small onClick={() => open_dialog({ name: "add_members", chat: chat.id })}>
          {t("members.add")}
        </Button>
      )}
    </div>
  );
}
