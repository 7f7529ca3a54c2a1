import type { mail as english } from '../en/mail.js';

export const mail = {
  'mail.footer':
    'AIPassport sendet Ihnen diese E-Mail wegen Ihres Kontos. Welche E-Mails Sie erhalten, bestimmen Sie unter Einstellungen, E-Mail.',
  'mail.lastFooter': 'AIPassport sendet Ihnen diese letzte E-Mail, weil Sie dort ein Konto hatten.',
  'mail.confirmSubject': 'Bestätigen Sie Ihre E-Mail-Adresse',
  'mail.confirm': 'Mit {email} wurde ein AIPassport-Konto angelegt. Bestätigen Sie, dass diese Adresse Ihnen gehört.',
  'mail.confirmNew': 'Sie möchten die E-Mail-Adresse Ihres AIPassport-Kontos in {email} ändern.',
  'mail.confirmLink': 'E-Mail-Adresse bestätigen',
  'mail.confirmNote':
    'Der Link gilt einmal, innerhalb von 24 Stunden. Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese E-Mail.',
  'mail.resetSubject': 'Neues Passwort festlegen',
  'mail.reset': 'Jemand möchte ein neues Passwort für Ihr AIPassport-Konto festlegen.',
  'mail.resetLink': 'Neues Passwort festlegen',
  'mail.resetNote':
    'Der Link gilt einmal, innerhalb einer Stunde. Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese E-Mail. Ihr Passwort bleibt, wie es ist.',
  'mail.emailChangedSubject': 'Ihre E-Mail-Adresse wurde geändert',
  'mail.emailChanged':
    'Die E-Mail-Adresse Ihres AIPassport-Kontos wurde geändert: {at} ({timeZone}). Mit dieser Adresse können Sie sich nicht mehr anmelden.',
  'mail.emailChangedNote':
    'Wenn Sie das nicht waren, wenden Sie sich sofort an die Betreiber dieses Servers. Jemand anderes benutzt vielleicht Ihr Konto.',
  'mail.passwordChangedSubject': 'Ihr Passwort wurde geändert',
  'mail.passwordChanged': 'Das Passwort Ihres AIPassport-Kontos wurde geändert: {at} ({timeZone}).',
  'mail.signInChangedSubject': 'Ihre Anmeldemöglichkeiten wurden geändert',
  'mail.signInChanged':
    'Die Anmeldemöglichkeiten Ihres AIPassport-Kontos wurden geändert, {at} ({timeZone}): {change}.',
  'mail.securityLink': 'Prüfen, wie Sie sich anmelden',
  'mail.notYourChange':
    'Wenn Sie das nicht waren, melden Sie alle anderen Geräte ab und legen Sie ein neues Passwort fest. Passkeys, verbundene Konten und Authenticator-Apps gelten auch mit einem neuen Passwort weiter, und Wiederherstellungscodes möglicherweise auch: Entfernen Sie, was nicht Ihnen gehört, und erstellen Sie neue Wiederherstellungscodes. Wenn Sie sich nicht mehr anmelden können, wenden Sie sich an die Betreiber dieses Servers.',
  'mail.tokenChangedSubject': 'API-Tokens Ihres Kontos',
  'mail.tokenChanged':
    'Mit einem API-Token kann ein Programm Ihr AIPassport-Konto nutzen. Das ist geschehen, {at} ({timeZone}): {change}.',
  'mail.tokenChangedLink': 'Ihre API-Tokens ansehen',
  'mail.tokenChangedNote':
    'Wenn Sie das nicht waren, legen Sie ein neues Passwort fest. Damit enden alle API-Tokens, und Sie werden auf allen anderen Geräten abgemeldet.',
  'mail.ownClientSubject': 'Eine App, die Sie entwickeln, wurde geändert',
  'mail.ownClientRedirects': '{app}, die Sie entwickeln, hat seit {at} ({timeZone}) andere Rückkehr-Adressen.',
  'mail.ownClientSecret': '{app}, die Sie entwickeln, hat seit {at} ({timeZone}) ein neues Client-Geheimnis.',
  'mail.ownClientLink': 'Diese App ansehen',
  'mail.ownClientNote':
    'Wenn Sie das nicht waren, könnte sich jemand als Ihre App ausgeben. Legen Sie ein neues Passwort fest, damit enden auch alle API-Tokens. Prüfen Sie dann die Rückkehr-Adressen der App, erstellen Sie ein neues Client-Geheimnis und beenden Sie die früheren.',
  'mail.operatorAddedSubject': 'Sie können jetzt diesen Server verwalten',
  'mail.operatorAdded':
    'Ihr AIPassport-Konto ist seit {at} ({timeZone}) Betreiber von {server}. Sie können dort jetzt Konten, Apps und gemeinsame API-Schlüssel verwalten.',
  'mail.operatorLink': 'Verwaltung öffnen',
  'mail.operatorRemovedSubject': 'Sie können diesen Server nicht mehr verwalten',
  'mail.operatorRemoved':
    'Ihr AIPassport-Konto ist seit {at} ({timeZone}) nicht mehr Betreiber von {server}. Ihre API-Schlüssel und verbundenen Apps bleiben, wie sie sind.',
  'mail.operatorNote': 'Wenn Sie das nicht erwartet haben, wenden Sie sich an die Betreiber dieses Servers.',
  'mail.accountDeletedSubject': 'Ihr Konto wurde gelöscht',
  'mail.accountDeleted':
    'Ihr AIPassport-Konto bei {server} wurde am {at} ({timeZone}) mit Ihren API-Schlüsseln gelöscht. Ihre Apps können Ihr KI-Konto nicht mehr nutzen.',
  'mail.accountDeletedNote':
    'Wenn Sie das nicht waren, wenden Sie sich an die Betreiber dieses Servers. Bei Ihren KI-Anbietern gelten Ihre API-Schlüssel weiter, bis Sie sie dort löschen.',
  'mail.newDeviceSubject': 'Neue Anmeldung in Ihrem Konto',
  'mail.newDevice': 'In Ihrem AIPassport-Konto hat sich ein neues Gerät angemeldet: {device}, {at} ({timeZone}).',
  'mail.newUnknownDevice': 'In Ihrem AIPassport-Konto hat sich ein neues Gerät angemeldet: {at} ({timeZone}).',
  'mail.sessionsLink': 'Ansehen, wo Sie angemeldet sind',
  'mail.notYou':
    'Wenn Sie das nicht waren, melden Sie alle anderen Geräte ab und legen Sie ein neues Passwort fest. Wenn Sie sich nicht mehr anmelden können, wenden Sie sich an die Betreiber dieses Servers.',
  'mail.newAppSubject': 'Eine neue App kann Ihr KI-Konto nutzen',
  'mail.newApp': '{app} kann seit {at} ({timeZone}) Ihr KI-Konto nutzen. Sie haben das erlaubt.',
  'mail.changedAppSubject': 'Der Zugriff einer App wurde geändert',
  'mail.changedApp': 'Sie haben am {at} ({timeZone}) den Zugriff von {app} auf Ihr KI-Konto geändert.',
  'mail.namedApp': '„{app}“',
  'mail.unnamedApp': 'Eine App',
  'mail.newAppLink': 'Ansehen, was sie kann',
  'mail.newAppNote': 'Dort können Sie den Zugriff jederzeit entfernen.',
  'mail.unwanted': 'E-Mails dieser Art können Sie unter Einstellungen, E-Mail abschalten.',
  'mail.budgetSubject': '80 % eines Ausgabenlimits sind verbraucht',
  'mail.budgetReachedSubject': 'Ein Ausgabenlimit ist erreicht',
  'mail.budgetTotal': '{app} hat {used} von insgesamt {limit} ausgegeben.',
  'mail.budgetMonth': '{app} hat in diesem Monat {used} ausgegeben. Das Monatslimit ist {limit}.',
  'mail.budgetDay': '{app} hat heute {used} ausgegeben. Das Tageslimit ist {limit}.',
  'mail.budgetOverall':
    'Ihre Apps haben in diesem Monat zusammen {used} ausgegeben. Ihr Limit für alle Apps ist {limit}.',
  'mail.budgetNear': 'Wenn ein Limit erreicht ist, werden weitere Anfragen abgelehnt.',
  'mail.budgetReached':
    'Weitere Anfragen werden abgelehnt, bis Sie das Limit erhöhen. Ein Tages- oder Monatslimit beginnt außerdem mit dem nächsten Tag oder Monat neu.',
  'mail.budgetLink': 'Limit ansehen oder ändern',
  'mail.keyRefusedSubject': 'Ihr API-Schlüssel wurde abgelehnt',
  'mail.keyRefused':
    '{provider} hat Anfragen mit Ihrem API-Schlüssel abgelehnt. Apps können {provider} nicht nutzen, bis das behoben ist.',
  'mail.keyRefusedLink': 'Ihre API-Schlüssel ansehen',
  'mail.accessEndsSubject': 'Der Zugriff einer App endet bald',
  'mail.accessEnds': '{app} kann Ihr KI-Konto bis {at} ({timeZone}) nutzen.',
  'mail.accessEndsLink': 'Zugriff verlängern oder ändern',
} as const satisfies Record<keyof typeof english, string>;
