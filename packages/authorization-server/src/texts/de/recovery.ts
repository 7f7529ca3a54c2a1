import type { recovery as english } from '../en/recovery.js';

export const recovery = {
  'recovery.title': 'Wiederherstellungscodes',
  'recovery.about':
    'Wenn Sie Ihr Passwort vergessen oder Ihr Gerät verlieren, können Sie mit einem Wiederherstellungscode ein neues Passwort festlegen. Jeder Code gilt einmal. Bewahren Sie die Codes bei Ihren wichtigen Unterlagen oder in einem Passwortmanager auf.',
  'recovery.left':
    '{count, plural, =0 {Sie haben keine Wiederherstellungscodes.} one {Sie haben noch # Wiederherstellungscode.} other {Sie haben noch # Wiederherstellungscodes.}}',
  'recovery.unsaved':
    'Sie haben nicht bestätigt, dass Sie die Codes gesichert haben. Wenn Sie sie nicht haben, erstellen Sie neue.',
  'recovery.create': 'Wiederherstellungscodes erstellen',
  'recovery.replace': 'Neue Codes erstellen',
  'recovery.replaceNote': 'Ihre alten Codes gelten dann nicht mehr.',
  'recovery.replaceAbout':
    '{count, plural, one {Ihr # übriger Code gilt sofort nicht mehr, auch auf Papier.} other {Ihre # übrigen Codes gelten sofort nicht mehr, auch auf Papier.}}',
  'recovery.confirm': 'Bestätigen Sie, dass Sie es sind, um Wiederherstellungscodes zu erstellen.',
  'recovery.created': 'Wiederherstellungscodes erstellt.',
  'recovery.keep': 'Drucken Sie diese Codes aus oder schreiben Sie sie jetzt auf. Sie werden nur einmal angezeigt.',
  'recovery.goOn': 'Ich habe sie gesichert, weiter',
  'recovery.goOnWithout': 'Weiter',
  'recovery.forgottenTitle': 'Neues Passwort festlegen',
  'recovery.forgottenAbout': 'Mit einem Ihrer Wiederherstellungscodes können Sie ein neues Passwort festlegen.',
  'recovery.linkAbout':
    'Wir können Ihnen einen Link senden, mit dem Sie ein neues Passwort festlegen, wenn Sie Ihre E-Mail-Adresse bestätigt haben.',
  'recovery.sendLink': 'Link senden',
  'recovery.linkSent':
    'Wenn dies die bestätigte E-Mail-Adresse eines Kontos ist, ist ein Link unterwegs. Er gilt eine Stunde.',
  'recovery.code': 'Wiederherstellungscode',
  'recovery.setPassword': 'Neues Passwort festlegen',
  'recovery.noCodes':
    'Keine Wiederherstellungscodes? Bitten Sie die Person, die diesen Server betreibt, um einen Link, mit dem Sie ein neues Passwort festlegen können.',
  'recovery.remembered': 'Ist Ihnen das Passwort wieder eingefallen? <link>Anmelden</link>',
  'recovery.malformed': 'Ein Wiederherstellungscode hat 16 Buchstaben und Ziffern, zum Beispiel ABCD-EFGH-JKMN-PQRS.',
  'recovery.refused': 'E-Mail-Adresse oder Wiederherstellungscode ist falsch. Jeder Code gilt nur einmal.',
  'recovery.resetTitle': 'Neues Passwort festlegen',
  'recovery.resetNote':
    'Sie werden überall abgemeldet, und Ihre API-Tokens enden. Wiederherstellungscodes aus den letzten 30 Tagen werden gelöscht, außer wenn Sie eine Authenticator-App benutzen. Ihre verbundenen Apps behalten ihren Zugriff.',
  'recovery.overTitle': 'Dieser Link gilt nicht mehr',
  'recovery.over': 'Er ist abgelaufen oder wurde schon benutzt.',
  'recovery.overNext': 'Bitten Sie um einen neuen, oder <link>benutzen Sie einen Wiederherstellungscode</link>.',
} as const satisfies Record<keyof typeof english, string>;
