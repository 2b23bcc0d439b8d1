import type { FocusEvent, ReactNode, RefObject } from "react";
import { Menu, MenuItem as AriaItem, Popover, Separator, Text } from "react-aria-components";
import { classes } from "./classes";
import css from "./Menu.module.css";

export type MenuItem =
  | "separator"
  | {
      id: string;
      label: string;
      icon?: ReactNode;
      hint?: string;
      danger?: boolean;
      disabled?: boolean;
      onSelect: () => void;
    };

type MenuPopoverProps = {
  label: string;
  trigger: RefObject<HTMLElement | null>;
  items: MenuItem[];
  onClose: () => void;
};

// The menu itself may get the focus once its entry has it; then no key would choose that entry.
function focus_entry({ target }: FocusEvent<HTMLElement>): void {
  if (target.getAttribute("role") !== "menu") return;
  const entry =
    target.querySelector<HTMLElement>("[role=menuitem][data-focused]") ??
    target.querySelector<HTMLElement>("[role=menuitem]:not([aria-disabled=true])");
  entry?.focus();
}

/** Loaded by `lazy`. Arrow keys, type-ahead and Esc as in any menu; focus goes back afterwards. */
export default function MenuPopover({ label, trigger, items, onClose }: MenuPopoverProps) {
  const select = (key: unknown) => {
    const item = items.find((each) => each !== "separator" && each.id === key);
    onClose();
    if (item && item !== "separator") item.onSelect();
  };
  return (
    <Popover
      isOpen
      triggerRef={trigger}
      placement="bottom end"
      offset={4}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      className={css.popover ?? ""}
    >
      {/* oxlint-disable-next-line no-static-element-interactions -- where the focus goes on */}
      <div onFocus={focus_entry}>
        <Menu
          aria-label={label}
          className={css.menu ?? ""}
          autoFocus="first"
          onAction={select}
          onClose={onClose}
        >
          {items.map((item, index) =>
            item === "separator" ? (
              <Separator key={`separator-${index}`} className={css.separator ?? ""} />
            ) : (
              <AriaItem
                key={item.id}
                id={item.id}
                textValue={item.label}
                isDisabled={item.disabled ?? false}
                className={classes(css.item, item.danger && css.danger)}
              >
                <span className={css.icon} aria-hidden="true">
                  {item.icon}
                </span>
                <Text slot="label">{item.label}</Text>
                {item.hint && (
                  <Text slot="description" className={css.hint ?? ""}>
                    {item.hint}
                  </Text>
                )}
              </AriaItem>
            ),
          )}
        </Menu>
      </div>
    </Popover>
  );
}
