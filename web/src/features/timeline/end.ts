/** Distance from the end, in pixels, within which the list counts as being at its end. */
export const end_px = 60;
