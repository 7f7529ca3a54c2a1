/** The pages for signing out. */
export const signOut = {
  'signOut.title': 'Sign out',
  'signOut.question': 'Sign out?',
  'signOut.byApp': '{app} wants to sign you out of AIPassport. Your connected apps keep their access.',
  'signOut.byLink': 'An app or a link wants to sign you out of AIPassport. Your connected apps keep their access.',
  'signOut.returnTo': 'You’ll return to {place}',
  'signOut.stay': 'Stay signed in',
  'signOut.submit': 'Sign out',
  'signOut.doneTitle': 'Signed out',
  'signOut.notSignedIn': 'You’re not signed in to AIPassport in this browser.',
  'signOut.continueTo': 'Continue to {place}',
  'signOut.done': 'You can close this page, or <link>sign in again</link>.',
} as const;
