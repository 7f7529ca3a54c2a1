import type { ended as english } from '../en/ended.js';

export const ended = {
  'ended.title': 'Neu beginnen',
  'ended.signedOut':
    'Sie haben sich abgemeldet, während diese Anfrage offen war. Sie ist deshalb beendet. Jetzt sind Sie als {email} angemeldet.',
  'ended.accountChanged': 'Diese Anfrage war für ein anderes Konto. Jetzt sind Sie als {email} angemeldet.',
  'ended.restart': 'Neu beginnen',
  'ended.askAgain': 'Gehen Sie zurück zu {app} und verbinden Sie sich dort erneut.',
  'ended.return': 'Zurück zu {app}, ohne etwas zu erlauben',
} as const satisfies Record<keyof typeof english, string>;
