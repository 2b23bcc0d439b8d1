// How the keys are called on the keyboard in front of the user.
const is_mac = /Mac|iPhone|iPad/.test(navigator.platform);

export function command_key(key: string): string {
  return is_mac ? `⌘${key}` : `Ctrl ${key}`;
}

export function option_key(key: string): string {
  return is_mac ? `⌥${key}` : `Alt ${key}`;
}

export function has_touch_keyboard(): boolean {
  return matchMedia("(hover: none) and (pointer: coarse)").matches;
}
