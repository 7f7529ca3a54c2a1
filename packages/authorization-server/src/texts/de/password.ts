import type { password as english } from '../en/password.js';

export const password = {
  'password.title': 'Passwort ändern',
  'password.setTitle': 'Passwort festlegen',
  'password.old': 'Aktuelles Passwort',
  'password.byPasskey': 'Stattdessen mit Passkey ändern',
  'password.enterOld': 'Geben Sie Ihr aktuelles Passwort ein.',
  'password.toSet': 'Bestätigen Sie, dass Sie es sind, um ein Passwort festzulegen.',
  'password.new': 'Neues Passwort',
  'password.note':
    'Sie werden auf allen anderen Geräten abgemeldet, und Ihre API-Tokens enden. Ihre verbundenen Apps behalten ihren Zugriff.',
  'password.changed': 'Passwort geändert. Auf allen anderen Geräten sind Sie abgemeldet.',
  'password.wrong': 'Falsches Passwort.',
  'password.confirmedDownload': 'Bestätigt. Sie können jetzt herunterladen.',
  'password.confirmTitle': 'Bestätigen Sie, dass Sie es sind',
  'password.toRaise': 'Bestätigen Sie, dass Sie es sind, um ein Limit zu erhöhen oder den Zugriff zu verlängern.',
  'password.toRaiseDefaults': 'Bestätigen Sie, dass Sie es sind, um eine Vorgabe für neue Apps zu erhöhen.',
  'password.toRaiseOverall': 'Bestätigen Sie, dass Sie es sind, um das Limit zu erhöhen oder zu entfernen.',
  'password.toChangeTimeZone': 'Bestätigen Sie, dass Sie es sind, um die Zeitzone zu ändern.',
  'password.none':
    'Sie haben noch kein Passwort. Legen Sie eines fest, um sich auch mit Ihrer E-Mail-Adresse anzumelden.',
  'password.otherWay': 'Kein Passwort? <link>Melden Sie sich noch einmal an</link>, und kommen Sie zurück.',
  'password.anotherWay': 'Oder <link>melden Sie sich noch einmal an</link>, und kommen Sie zurück.',
  'password.continue': 'Weiter',
  'password.continueTitle': 'Weitermachen, wo Sie aufgehört haben',
  'password.continueAbout':
    'Sie haben sich neu angemeldet. Prüfen Sie Ihre Angaben, bevor Sie weitermachen. Wenn Sie das nicht eingegeben haben, machen Sie nicht weiter.',
  'password.discard': 'Nicht weitermachen',
  'password.keptFormat': 'Format',
  'password.keptNote': 'Notiz',
  'password.keptScope': 'Was die App nutzen kann',
  'password.keptUnchanged': 'wie bisher',
  'password.keptAsAsked': 'wie von der App angefragt',
} as const satisfies Record<keyof typeof english, string>;
