import type { mail as english } from '../en/mail.js';

export const mail = {
  'mail.footer':
    'AIPassport sendet Ihnen diese E-Mail wegen Ihres Kontos. Welche E-Mails Sie erhalten, bestimmen Sie unter Einstellungen, E-Mail.',
  'mail.confirmSubject': 'Bestätigen Sie Ihre E-Mail-Adresse',
  'mail.confirm': 'Mit {address} wurde ein AIPassport-Konto angelegt. Bestätigen Sie, dass diese Adresse Ihnen gehört.',
  'mail.confirmNew': 'Sie möchten die E-Mail-Adresse Ihres AIPassport-Kontos in {address} ändern.',
  'mail.confirmLink': 'E-Mail-Adresse bestätigen',
  'mail.confirmNote':
    'Der Link gilt einmal, innerhalb von 24 Stunden. Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese E-Mail.',
  'mail.resetSubject': 'Neues Passwort festlegen',
  'mail.reset': 'Jemand möchte ein neues Passwort für Ihr AIPassport-Konto festlegen.',
  'mail.resetLink': 'Neues Passwort festlegen',
  'mail.resetNote':
    'Der Link gilt einmal, innerhalb einer Stunde. Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese E-Mail. Ihr Passwort bleibt, wie es ist.',
  'mail.addressChangedSubject': 'Ihre E-Mail-Adresse wurde geändert',
  'mail.addressChanged':
    'Die E-Mail-Adresse Ihres AIPassport-Kontos wurde geändert: {at} ({timeZone}). Mit dieser Adresse können Sie sich nicht mehr anmelden.',
  'mail.addressChangedNote':
    'Wenn Sie das nicht waren, wenden Sie sich sofort an die Betreiber dieses Servers. Jemand anderes benutzt vielleicht Ihr Konto.',
  'mail.passwordChangedSubject': 'Ihr Passwort wurde geändert',
  'mail.passwordChanged': 'Das Passwort Ihres AIPassport-Kontos wurde geändert: {at} ({timeZone}).',
  'mail.newDeviceSubject': 'Neue Anmeldung in Ihrem Konto',
  'mail.newDevice': 'In Ihrem AIPassport-Konto hat sich ein neues Gerät angemeldet: {device}, {at} ({timeZone}).',
  'mail.newUnknownDevice': 'In Ihrem AIPassport-Konto hat sich ein neues Gerät angemeldet: {at} ({timeZone}).',
  'mail.sessionsLink': 'Ansehen, wo Sie angemeldet sind',
  'mail.notYou':
    'Wenn Sie das nicht waren, melden Sie alle anderen Geräte ab und legen Sie ein neues Passwort fest. Wenn Sie sich nicht mehr anmelden können, wenden Sie sich an die Betreiber dieses Servers.',
  'mail.newAppSubject': 'Eine neue App kann Ihr KI-Konto nutzen',
  'mail.newApp': 'Sie haben „{app}“ erlaubt, Ihr KI-Konto zu nutzen: {at} ({timeZone}).',
  'mail.newUnnamedApp': 'Sie haben einer App erlaubt, Ihr KI-Konto zu nutzen: {at} ({timeZone}).',
  'mail.newAppLink': 'Ansehen, was sie kann',
  'mail.newAppNote': 'Dort können Sie den Zugriff jederzeit entfernen.',
  'mail.unwanted': 'E-Mails dieser Art können Sie unter Einstellungen, E-Mail abschalten.',
} as const satisfies Record<keyof typeof english, string>;
