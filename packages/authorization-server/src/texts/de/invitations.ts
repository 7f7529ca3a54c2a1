import type { invitations as english } from '../en/invitations.js';

export const invitations = {
  'invitations.title': 'Einladungen',
  'invitations.about': 'Für ein Konto auf diesem Server braucht man eine Einladung. Jede Einladung gilt für ein Konto.',
  'invitations.withdrawn': 'Einladung zurückgezogen. Der Link funktioniert nicht mehr.',
  'invitations.listTitle': 'Ihre Einladungen',
  'invitations.empty': 'Noch keine Einladungen. Einladungen, die Sie erstellen, erscheinen hier.',
  'invitations.created': 'Einladung erstellt.',
  'invitations.link': 'Einladungslink',
  'invitations.linkNote':
    'Schicken Sie ihn an eine Person. Er wird nur einmal angezeigt, und wer ihn hat, kann ein Konto erstellen.',
  'invitations.inviteTitle': 'Jemanden einladen',
  'invitations.note': 'Notiz (optional)',
  'invitations.noteHint':
    'Zum Beispiel, für wen sie ist. Nur Sie und die Person, die diesen Server betreibt, sehen sie.',
  'invitations.noNote': 'Keine Notiz',
  'invitations.validFor': 'Gültig für',
  'invitations.create': 'Einladung erstellen',
  'invitations.confirm': 'Bestätigen Sie, dass Sie es sind, um jemanden einzuladen.',
  'invitations.withdraw': 'Zurückziehen',
  'invitations.open': 'Noch nicht benutzt. Läuft ab: {expires}. Erstellt: {created}.',
  'invitations.expired': 'Abgelaufen: {expires}. Erstellt: {created}.',
  'invitations.used': 'Benutzt von {email}, {used}. Erstellt: {created}.',
  'invitations.tooMany':
    'Sie können {max, number} Einladungen haben, auch die in den letzten 30 Tagen benutzten. Ziehen Sie eine zurück, oder warten Sie.',
  'invitations.noteTooLong': 'Verwenden Sie höchstens 100 Zeichen.',
  'invitations.chooseLifetime': 'Wählen Sie, wie lange die Einladung gilt.',
} as const satisfies Record<keyof typeof english, string>;
