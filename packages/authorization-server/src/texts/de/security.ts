import type { security as english } from '../en/security.js';

export const security = {
  'security.title': 'Anmeldung und Sicherheit',
  'security.password': 'Wenn Sie es ändern, werden Sie auf allen anderen Geräten abgemeldet.',
  'security.authenticatorOn': 'Beim Anmelden mit Passwort brauchen Sie einen Code.',
  'security.authenticatorOff': 'Aus. Zum Anmelden genügt Ihr Passwort.',
  'security.passkeys':
    '{count, plural, =0 {Sie haben keine Passkeys.} one {Sie haben # Passkey.} other {Sie haben # Passkeys.}}',
  'security.tokens':
    '{count, plural, =0 {Keine. Mit einem Token kann eines Ihrer Programme Ihr Konto nutzen.} one {# Programm kann Ihr Konto nutzen.} other {# Programme können Ihr Konto nutzen.}}',
  'security.sessions': 'Sehen Sie Ihre Geräte, und melden Sie die ab, die Sie nicht benutzen.',
  'security.waysStay':
    'Passkeys, verbundene Konten und Wiederherstellungscodes gelten weiter. <link>Prüfen Sie sie</link>',
  'security.waysButCodesStay': 'Passkeys und verbundene Konten gelten weiter. <link>Prüfen Sie sie</link>',
  'security.devicesStay':
    'Geräte, die sich damit angemeldet haben, bleiben angemeldet. <link>Melden Sie ein verlorenes Gerät ab</link>',
  'security.change': 'Ändern',
  'security.manage': 'Verwalten',
  'security.show': 'Anzeigen',
} as const satisfies Record<keyof typeof english, string>;
