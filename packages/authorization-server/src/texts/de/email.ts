import type { email as english } from '../en/email.js';

export const email = {
  'email.title': 'E-Mail',
  'email.addressTitle': 'E-Mail-Adresse',
  'email.confirmed': 'Bestätigt',
  'email.unconfirmed': 'Noch nicht bestätigt',
  'email.unconfirmedAbout':
    'Öffnen Sie den Link, den wir an diese Adresse gesendet haben. Bis dahin senden wir keine anderen E-Mails dorthin, und Sie können kein neues Passwort per E-Mail festlegen.',
  'email.sendLink': 'Neuen Link senden',
  'email.linkSent': 'Wenn die Adresse E-Mails empfangen kann, ist ein Link unterwegs. Er gilt 24 Stunden.',
  'email.changeTitle': 'E-Mail-Adresse ändern',
  'email.changeAbout':
    'Wir senden einen Link an die neue Adresse. Die Adresse wird geändert, wenn Sie den Link öffnen.',
  'email.changeAtOnce':
    'Danach melden Sie sich mit der neuen Adresse an. Dieser Server sendet keine E-Mails. Prüfen Sie deshalb, ob Sie sie richtig eingegeben haben.',
  'email.new': 'Neue E-Mail-Adresse',
  'email.change': 'Link senden',
  'email.toChange': 'Bestätigen Sie, dass Sie es sind, um Ihre E-Mail-Adresse zu ändern.',
  'email.toMute': 'Bestätigen Sie, dass Sie es sind, um eine E-Mail abzuschalten.',
  'email.invalid': 'Geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.',
  'email.same': 'Das ist schon Ihre Adresse.',
  'email.noticesTitle': 'E-Mails, die Sie erhalten',
  'email.noticesAbout': 'E-Mails zur Sicherheit Ihres Kontos werden immer gesendet.',
  'email.noticesLegend': 'Senden Sie mir auch eine E-Mail, wenn',
  'email.noticeNewApp': 'ich eine App verbinde oder ihren Zugriff ersetze',
  'email.noticeBudget': '80 % eines Ausgabenlimits oder das ganze Limit verbraucht sind',
  'email.noticeKeyRefused': 'ein KI-Anbieter meinen API-Schlüssel ablehnt',
  'email.noticeAccessEnds': 'der Zugriff einer App in den nächsten drei Tagen endet',
  'email.noticesSave': 'Auswahl speichern',
  'email.noticesSaved': 'Auswahl gespeichert.',
  'email.confirmTitle': 'Bestätigen Sie Ihre E-Mail-Adresse',
  'email.confirmThis': 'Ist {email} Ihre E-Mail-Adresse?',
  'email.replaceThis':
    'Möchten Sie Ihre E-Mail-Adresse von {before} in {email} ändern? Danach melden Sie sich mit der neuen Adresse an.',
  'email.confirm': 'Adresse bestätigen',
  'email.replace': 'Adresse ändern',
  'email.done': 'E-Mail-Adresse bestätigt.',
  'email.changed': 'E-Mail-Adresse geändert.',
  'email.taken': 'Wir konnten Ihre E-Mail-Adresse nicht ändern. Verwenden Sie eine andere.',
  'email.overTitle': 'Dieser Link gilt nicht mehr',
  'email.over':
    'Er ist abgelaufen, wurde schon benutzt oder gehört zu einem anderen Konto. <link>Neuen Link senden</link>',
} as const satisfies Record<keyof typeof english, string>;
