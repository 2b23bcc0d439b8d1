import { Suspense, useRef, useState, type ReactNode } from "react";
import { IconButton } from "./Button";
import type { MenuItem } from "./MenuPopover";
import { lazy_part } from "./part";

const MenuPopover = lazy_part(() => import("./MenuPopover"));

type MenuButtonProps = {
  label: string;
  children: ReactNode;
  /** Called when the menu opens. */
  items: () => MenuItem[];
  small?: boolean;
  tip?: "top" | "bottom" | "left" | "none";
  className?: string;
  onOpenChange?: (open: boolean) => void;
};

/** A button with a menu. The menu's code is loaded when it is opened for the first time. */
export function MenuButton({
  label,
  children,
  items,
  small,
  tip,
  className,
  onOpenChange,
}: MenuButtonProps) {
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const change = (next: boolean) => {
    setOpen(next);
    onOpenChange?.(next);
  };
  return (
    <>
      <IconButton
        ref={trigger}
        label={label}
        small={small}
        tip={tip}
        className={className}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => change(!open)}
      >
        {children}
      </IconButton>
      {open && (
        <Suspense fallback={null}>
          <MenuPopover
            label={label}
            trigger={trigger}
            items={items()}
            onClose={() => change(false)}
          />
        </Suspense>
      )}
    </>
  );
}
