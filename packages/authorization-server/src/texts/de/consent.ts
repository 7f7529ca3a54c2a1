import type { consent as english } from '../en/consent.js';

export const consent = {
  'consent.title': 'Zugriff erlauben?',
  'consent.wish': '{app} möchte Ihr KI-Konto nutzen',
  'consent.wishReplace': '{app} möchte anderen Zugriff auf Ihr KI-Konto',
  'consent.wishMore': '{app} möchte mehr Zugriff auf Ihr KI-Konto',
  'consent.publishedBy': 'Veröffentlicht von {host}',
  'consent.returnTo': 'Danach kehren Sie zurück zu {place}',
  'consent.returnToDevice': 'Danach kehren Sie auf diesem Gerät zurück zu {place}',
  'consent.placeLocal': 'Eine App auf Ihrem Computer',
  'consent.placeScheme': 'Eine App auf diesem Gerät ({scheme})',
  'consent.placeTerminal': 'Eine App in einem Terminal',
  'consent.thisApp': 'Diese App',
  'consent.thisAppInside': 'diese App',
  'consent.callsItself': 'Sie nennt sich „{name}“.',
  'consent.badgeUnverified': 'Von diesem Server nicht geprüft',
  'consent.badgeVerified': 'Vom Betreiber dieses Servers geprüft',
  'consent.unverified': 'Machen Sie nur weiter, wenn Sie diese Adresse kennen und gerade von dort kommen.',
  'consent.unverifiedLocal': 'Machen Sie nur weiter, wenn Sie dies gerade auf diesem Gerät begonnen haben.',
  'consent.terminal': 'Sie läuft in dem Terminal, das den Code {code} anzeigt',
  'consent.terminalWarning':
    'Machen Sie nur weiter, wenn Sie dies in Ihrem eigenen Terminal begonnen haben und es diesen Code anzeigt. Hat Ihnen jemand den Code oder einen Link geschickt, wählen Sie „Ablehnen“. Sonst könnte diese Person Ihre KI nutzen.',
  'consent.message': 'Die App sagt: „{reason}“',
  'consent.links': 'Über die App:',
  'consent.linkAt': '{link} auf {host}',
  'consent.website': 'Website',
  'consent.privacyPolicy': 'Datenschutzerklärung',
  'consent.terms': 'Nutzungsbedingungen',
  'consent.models': 'Modelle, die sie nutzen kann',
  'consent.capabilities': 'Was sie tun kann',
  'consent.chooseModels': 'Die App überlässt Ihnen die Wahl. Wählen Sie die Modelle, die sie nutzen kann.',
  'consent.chooseCapabilities': 'Die App überlässt Ihnen die Wahl. Wählen Sie, was sie tun kann.',
  'consent.modelCount': '{count, plural, one {# Modell} other {# Modelle}}',
  'consent.modelCountNoKey': '{count, plural, one {# Modell} other {# Modelle}}, noch kein API-Schlüssel',
  'consent.deny': 'Ablehnen',
  'consent.allow': 'Erlauben',
  'consent.selectFirst': '{field, select, models {Erst ein Modell wählen} other {Erst eine Berechtigung wählen}}',
  'consent.notYou': 'Angemeldet als {email}. <link>Nicht Sie?</link>',
  'consent.footer':
    'Sie können den Zugriff jederzeit unter <em>Verbundene Apps</em> entfernen. Die App sieht Ihre API-Schlüssel nie.',
  'consent.replaces':
    'Dies ersetzt den Zugriff, den Sie der App am {time} gegeben haben. Bisherige Nutzung zählt weiter: {spent} und {count, plural, one {# Anfrage} other {# Anfragen}}. Wenn Sie ablehnen, ändert sich nichts.',
  'consent.moreTitle': 'Mehr Zugriff erlauben?',
  'consent.moreModels': 'Weitere Modelle',
  'consent.moreCapabilities': 'Sie könnte außerdem',
  'consent.moreLimits': 'Höhere Limits',
  'consent.nothingNew': 'Die App hat diesen Zugriff schon. Es ändert sich nichts.',
  'consent.present': 'Bisheriger Zugriff',
  'consent.moreFooter':
    'Wenn Sie ablehnen, bleibt der bisherige Zugriff. Sie können ihn jederzeit unter <em>Verbundene Apps</em> entfernen.',
  'consent.changed': 'Die Anfrage hat sich geändert. Prüfen Sie sie, bevor Sie entscheiden.',
  'consent.tooMany':
    'Das sind mehr Modelle, als eine App haben kann. Wählen Sie weniger, oder alle Modelle eines Anbieters.',
  'consent.incomplete': 'Es fehlen Angaben. Prüfen Sie sie, bevor Sie entscheiden.',
  'consent.noModel': 'Wählen Sie mindestens ein Modell, oder „Ablehnen“.',
  'consent.noCapability': 'Wählen Sie mindestens eine Berechtigung, oder „Ablehnen“.',
  'consent.moreThanAsked':
    'Sie haben mehr gewählt, als die App angefragt hat. Prüfen Sie Ihre Auswahl, bevor Sie entscheiden.',
  'consent.passwordNoLimit':
    'Bestätigen Sie, dass Sie es sind, um Zugriff ohne Ausgabenlimit zu erlauben, oder legen Sie ein Ausgabenlimit fest.',
  'consent.passwordLargeAmount':
    'Bestätigen Sie, dass Sie es sind, um insgesamt mehr als {amount} zu erlauben, oder legen Sie ein niedrigeres Ausgabenlimit fest.',
  'consent.passwordAdded':
    'Bestätigen Sie, dass Sie es sind, damit diese App mit ihrem bisherigen Zugriff zusammen mehr als {amount} ausgeben kann, oder ersetzen Sie den bisherigen Zugriff.',
  'consent.passwordAllModels':
    'Bestätigen Sie, dass Sie es sind, um Zugriff auf alle Modelle eines Anbieters zu erlauben.',
  'consent.decidedTitle': 'Sie haben schon entschieden',
  'consent.decidedDenied':
    'Sie haben diese Anfrage von {app} schon beantwortet. Wenn Sie es sich anders überlegen, verbinden Sie sich aus der App erneut.',
  'consent.decidedAllowed': 'Sie haben diese Anfrage von {app} schon erlaubt. <link>Zugriff ansehen oder ändern</link>',
  'consent.decidedElsewhere':
    'Sie haben diese Anfrage von {app} schon in einem anderen Tab beantwortet. <link>Verbundene Apps ansehen</link>',
  'consent.goBack': 'Zurück zu {app}',
  'consent.theApp': 'Die App',
} as const satisfies Record<keyof typeof english, string>;
