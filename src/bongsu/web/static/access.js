// Who is signed in: what commands must carry (the CSRF token), and the way to the page where one signs in.

const SESSION = '/api/v1/session';
const SIGN_IN = '/signin';

/** @typedef {{open: boolean, user: {name: string, role: 'viewer' | 'operator' | 'admin'} | null, csrf: string | null, expires_at: number | null}} Who */

/** @type {Who} until it is learnt nobody is asked who they are */
let who = { open: true, user: null, csrf: null, expires_at: null };
let leaving = false;

/** Who is asking, as last learnt. */
export const present = () => who;

/** Asks the server; what can't be had stays as it was. @param {string} [base] @returns {Promise<Who>} */
export async function learn(base = '') {
  try {
    const answer = await fetch(base + SESSION, { headers: { accept: 'application/json' }, cache: 'no-store' });
    if (answer.ok) who = await answer.json();
  } catch {
    // The server is away: whoever asks next learns it.
  }
  return who;
}

/** Whether one must sign in before anything can be seen. */
export const barred = () => !who.open && who.user === null;

/** To the page where one signs in, and from there back to here. */
export function signIn() {
  if (leaving || location.pathname === SIGN_IN) return;
  leaving = true;
  location.assign(`${SIGN_IN}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Ends the session. @param {string} [base] */
export async function signOut(base = '') {
  // The socket closes before the answer comes, and would lead back here.
  leaving = true;
  try {
    await fetch(base + SESSION, { method: 'DELETE', headers: who.csrf ? { 'x-csrf-token': who.csrf } : {} });
  } catch {
    // The server is away: nobody is signed out, and the page says that it has lost it.
    leaving = false;
    return;
  }
  location.assign(SIGN_IN);
}

/**
 * Where to go after signing in: a path of this very site, whatever the address says.
 * @param {string | null} wanted @param {string} otherwise
 */
export function back(wanted, otherwise = '/') {
  if (!wanted?.startsWith('/') || /[\\\p{Cc}]/u.test(wanted)) return otherwise;
  const there = new URL(wanted, location.origin);
  if (there.origin !== location.origin || wanted.startsWith('//') || there.pathname === SIGN_IN) return otherwise;
  return there.pathname + there.search + there.hash;
}
