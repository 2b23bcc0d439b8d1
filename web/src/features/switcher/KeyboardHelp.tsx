import { useT } from "../../i18n";
import type { MessageKey } from "../../i18n/locale";
import { Kbd } from "../../ui/Badge";
import { Dialog } from "../../ui/Dialog";
import { close_dialog } from "../shell/ui_store";
import { command_key, option_key } from "./platform";
import css from "./KeyboardHelp.module.css";

type Group = {
  readonly name: MessageKey;
  readonly keys: readonly (readonly [MessageKey, string])[];
};

const groups: readonly Group[] = [
  {
    name: "keyboard.everywhere",
    keys: [
      ["keyboard.switcher", command_key("K")],
      ["keyboard.search", `${command_key("Shift")} F`],
      ["keyboard.next_chat", option_key("↓")],
      ["keyboard.previous_chat", option_key("↑")],
      ["keyboard.next_unread", `${option_key("Shift")} ↓`],
      ["keyboard.regions", "F6"],
      ["keyboard.help", command_key("/")],
    ],
  },
  {
    name: "keyboard.writing",
    keys: [
      ["keyboard.send", "Enter"],
      ["keyboard.new_line", "Shift Enter"],
      ["keyboard.edit_last", "↑"],
      ["keyboard.mention", "@"],
      ["keyboard.emoji", ":"],
      ["keyboard.read", "Esc"],
    ],
  },
  {
    name: "keyboard.messages",
    keys: [
      ["keyboard.move", "↑ ↓"],
      ["keyboard.buttons", "Tab"],
    ],
  },
];

export default function KeyboardHelp() {
  const t = useT();
  return (
    <Dialog title={t("keyboard.title")} closeLabel={t("common.close")} onClose={close_dialog}>
      {groups.map((group) => (
        <section key={group.name} className={css.group}>
          <h3>{t(group.name)}</h3>
          <dl>
            {group.keys.map(([name, keys]) => (
              <div key={name}>
                <dt>{t(name)}</dt>
                <dd>
                  {keys.split(" ").map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
