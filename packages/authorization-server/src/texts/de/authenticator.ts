import type { authenticator as english } from '../en/authenticator.js';

export const authenticator = {
  'authenticator.title': 'Authenticator-App',
  'authenticator.about':
    'Mit einer Authenticator-App brauchen Sie beim Anmelden mit Passwort zusätzlich einen Code von Ihrem Telefon. Mit einem Passkey brauchen Sie keinen Code.',
  'authenticator.start': 'App einrichten',
  'authenticator.scan': 'Öffnen Sie Ihre Authenticator-App und scannen Sie diesen QR-Code.',
  'authenticator.picture': 'QR-Code mit dem Schlüssel, der darunter steht',
  'authenticator.orType': 'Oder tippen Sie diesen Schlüssel in die App ein: {secret}',
  'authenticator.firstCode': 'Code aus der App',
  'authenticator.turnOn': 'Einschalten',
  'authenticator.note':
    'Erstellen Sie auch Wiederherstellungscodes. Ohne sie können Sie sich nicht anmelden, wenn Sie Ihr Telefon verlieren.',
  'authenticator.on': 'Eingeschaltet seit {since}. Beim Anmelden mit Passwort brauchen Sie einen Code.',
  'authenticator.turnOff': 'Ausschalten',
  'authenticator.added': 'Authenticator-App eingeschaltet.',
  'authenticator.removed':
    'Authenticator-App ausgeschaltet. Zum Anmelden brauchen Sie nur Ihr Passwort oder einen Passkey.',
  'authenticator.confirmAdd': 'Bestätigen Sie, dass Sie es sind, um eine Authenticator-App einzurichten.',
  'authenticator.confirmRemove': 'Bestätigen Sie, dass Sie es sind, um die Authenticator-App auszuschalten.',
  'authenticator.wrongCode': 'Falscher Code. Geben Sie die sechs Ziffern ein, die die App jetzt anzeigt.',
  'authenticator.codeTitle': 'Code eingeben',
  'authenticator.codeAbout':
    'Öffnen Sie Ihre Authenticator-App und geben Sie die sechs Ziffern ein, die sie für AIPassport anzeigt.',
  'authenticator.code': 'Code',
  'authenticator.lost': 'Telefon verloren? Geben Sie stattdessen einen Ihrer Wiederherstellungscodes ein.',
  'authenticator.startOver': '<link>Anders anmelden</link>',
  'authenticator.refused': 'Falscher Code. Jeder Code gilt nur einmal. Warten Sie auf den nächsten.',
  'authenticator.setUpAct': 'Authenticator-App einrichten',
  'authenticator.removeAct': 'Authenticator-App ausschalten',
} as const satisfies Record<keyof typeof english, string>;
