import type { signIn as english } from '../en/sign-in.js';

export const signIn = {
  'signIn.title': 'Anmelden',
  'signIn.again': 'Bestätigen Sie, dass Sie es sind',
  'signIn.otherAccount': 'Sie sind als {email} angemeldet. Melden Sie sich mit einem anderen Konto an.',
  'signIn.forApp': 'Melden Sie sich an, um die Anfrage von <app>{name}</app> zu prüfen.',
  'signIn.about': 'Lassen Sie Apps Ihre KI nutzen, ohne Ihre API-Schlüssel weiterzugeben.',
  'signIn.submit': 'Anmelden',
  'signIn.forgotten': '<link>Passwort vergessen?</link>',
  'signIn.forgottenOrLost': '<link>Passwort vergessen oder Passkey verloren?</link>',
  'signIn.onlyWay':
    'Die einzige Anmeldung für Ihr Konto können Sie nicht entfernen. Fügen Sie zuerst eine andere hinzu, oder legen Sie ein Passwort fest.',
  'signIn.reset': 'Passwort geändert. Melden Sie sich mit dem neuen Passwort an.',
  'signIn.resetCodesEnded':
    'Passwort geändert. Melden Sie sich mit dem neuen Passwort an. Wiederherstellungscodes aus den letzten 30 Tagen wurden gelöscht, erstellen Sie deshalb neue.',
  'signIn.newHere': 'Neu hier? <link>Konto erstellen</link>',
  'signIn.newHereInvited': 'Neu hier? <link>Sie brauchen eine Einladung</link>',
  'signIn.newHereClosed':
    'Neu hier? Auf diesem Server gibt es keine neuen Konten. Fragen Sie die Person, die ihn betreibt.',
  'signIn.refused': 'E-Mail-Adresse oder Passwort ist falsch.',
  'signIn.createTitle': 'Konto erstellen',
  'signIn.createWithPasskey': 'Mit Passkey fortfahren',
  'signIn.passkeyHint': 'Ihr Gerät erstellt ihn und entsperrt ihn mit Fingerabdruck, Gesicht oder PIN.',
  'signIn.orPassword': 'Oder wählen Sie ein Passwort',
  'signIn.passwordHint':
    'Mindestens 8 Zeichen. 15 oder mehr, oder ein paar Wörter ohne Zusammenhang, sind viel sicherer.',
  'signIn.createSubmit': 'Konto erstellen',
  'signIn.haveAccount': 'Haben Sie schon ein Konto? <link>Anmelden</link>',
  'signIn.emailInvalid': 'Geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.',
  'signIn.emailTaken':
    'Mit dieser E-Mail-Adresse konnten wir kein Konto erstellen. Haben Sie schon eines? Melden Sie sich an.',
  'signIn.passwordShort': 'Verwenden Sie mindestens {min, number} Zeichen. {advised, number} oder mehr sind sicherer.',
  'signIn.passwordLong': 'Verwenden Sie höchstens {max, number} Zeichen.',
  'signIn.passwordCommon': 'Dieses Passwort ist zu verbreitet. Wählen Sie ein anderes.',
  'signIn.passwordIsEmail': 'Ihre E-Mail-Adresse ist leicht zu erraten. Wählen Sie ein anderes Passwort.',
  'signIn.passwordRepeats': 'Dieses Passwort hat zu wenige verschiedene Zeichen. Wählen Sie ein anderes.',
  'signIn.uninvitedTitle': 'Sie brauchen eine Einladung',
  'signIn.uninvited':
    'Für ein Konto auf diesem Server brauchen Sie eine Einladung. Fragen Sie die Person, die ihn betreibt, und öffnen Sie den Link in diesem Browser.',
  'signIn.invitationOverTitle': 'Diese Einladung gilt nicht mehr',
  'signIn.invitationOver': 'Sie ist abgelaufen, wurde zurückgezogen oder schon benutzt. Bitten Sie um eine neue.',
  'signIn.closedTitle': 'Keine neuen Konten',
  'signIn.closed':
    'Auf diesem Server gibt es keine neuen Konten. Bitten Sie die Person, die ihn betreibt, eines für Sie anzulegen.',
  'signIn.returnToApp':
    'Sobald Sie ein Konto haben, gehen Sie zurück zu <app>{name}</app> und verbinden Sie sich erneut.',
} as const satisfies Record<keyof typeof english, string>;
