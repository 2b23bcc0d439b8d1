// Whether this browser had a session when it was last here: a guess that decides what is loaded
// first, and nothing else.
const key = "fechatter.known";

export function expects_session(): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

export function remember_session(signed_in: boolean): void {
  try {
    if (signed_in) localStorage.setItem(key, "1");
    else localStorage.removeItem(key);
  } catch {
    // The guess is wrong next time.
  }
}
