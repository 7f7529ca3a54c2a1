/** Where the owner goes after signing in when nothing else was under way. */
export const homePath = '/account/grants';
export const settingsPath = '/account/settings';
export const invitationsPath = '/account/invitations';

const allowed = [
  /^\/interaction\/[\w-]{10,100}$/,
  /^\/account\/(grants|keys|settings|invitations)$/,
  /^\/account\/grants\/[\w-]{10,100}(\/limits)?$/,
];

/**
 * Where to go on after signing in. Only pages of ours that somebody can be on the way to: anything else would send
 * people who have just typed their password wherever the link's author likes.
 */
export function readReturnTo(value: string): string {
  return allowed.some((pattern) => pattern.test(value)) ? value : homePath;
}

/** The interaction among such paths. */
export function interactionOf(returnTo: string): string | undefined {
  return /^\/interaction\/([\w-]+)$/.exec(returnTo)?.[1];
}

export function signInPath(returnTo: string, { again = false } = {}): string {
  const query = new URLSearchParams({ return_to: returnTo, ...(again ? { again: 'true' } : {}) });
  return `/account/sign-in?${query}`;
}

export function createAccountPath(returnTo: string): string {
  return `/account/create?${new URLSearchParams({ return_to: returnTo })}`;
}

export function grantPath(grantId: string): string {
  return `/account/grants/${encodeURIComponent(grantId)}`;
}
