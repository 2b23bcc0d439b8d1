// How the client may look.
export const themes = {
  light: { colorScheme: 'light', forcedColors: 'none' },
  dark: { colorScheme: 'dark', forcedColors: 'none' },
  forced: { colorScheme: 'dark', forcedColors: 'active' },
};
export const widths = { narrow: { width: 375, height: 720 }, wide: { width: 1280, height: 800 } };
