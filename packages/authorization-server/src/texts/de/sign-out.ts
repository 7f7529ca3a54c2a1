import type { signOut as english } from '../en/sign-out.js';

export const signOut = {
  'signOut.title': 'Abmelden',
  'signOut.question': 'Abmelden?',
  'signOut.byApp': '{app} möchte Sie bei AIPassport abmelden. Ihre verbundenen Apps behalten ihren Zugriff.',
  'signOut.byLink':
    'Eine App oder ein Link möchte Sie bei AIPassport abmelden. Ihre verbundenen Apps behalten ihren Zugriff.',
  'signOut.returnTo': 'Danach kehren Sie zurück zu {place}',
  'signOut.stay': 'Angemeldet bleiben',
  'signOut.submit': 'Abmelden',
  'signOut.doneTitle': 'Abgemeldet',
  'signOut.notSignedIn': 'Sie sind in diesem Browser nicht bei AIPassport angemeldet.',
  'signOut.continueTo': 'Weiter zu {place}',
  'signOut.done': 'Sie können diese Seite schließen oder <link>sich wieder anmelden</link>.',
} as const satisfies Record<keyof typeof english, string>;
