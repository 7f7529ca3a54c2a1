import type { common as english } from '../en/common.js';

export const common = {
  'common.skip': 'Zum Inhalt springen',
  'common.account': 'Konto',
  'common.connectedApps': 'Verbundene Apps',
  'common.apiKeys': 'API-Schlüssel',
  'common.invitations': 'Einladungen',
  'common.settings': 'Einstellungen',
  'common.help': 'Hilfe',
  'common.signOut': 'Abmelden',
  'common.signedInAs': 'Angemeldet als {email}.',
  'common.errorTitle': 'Fehler: {title}',
  'common.fixFollowing': 'Bitte korrigieren Sie Folgendes',
  'common.oneMoreStep': 'Noch ein Schritt',
  'common.labelled': '{label}: {problem}',
  'common.incomplete': 'Es fehlen Angaben. Laden Sie die Seite neu und versuchen Sie es noch einmal.',
  'common.changedMeanwhile':
    'Das wurde inzwischen geändert. Hier steht, was jetzt gilt. Nehmen Sie Ihre Änderung noch einmal vor.',
  'common.email': 'E-Mail-Adresse',
  'common.password': 'Passwort',
  'common.timesShownIn': 'Zeiten in der Zeitzone {timeZone}. <link>Zeitzone ändern</link>',
  'common.nearTime': '{day}, {time}',
  'common.lessThan': 'weniger als {amount}',
  'common.save': 'Speichern',
} as const satisfies Record<keyof typeof english, string>;
