import type { help as english } from '../en/help.js';

export const help = {
  'help.about':
    'Mit AIPassport nutzen Apps Ihre KI ohne Ihren API-Schlüssel. Sie entscheiden, welche Modelle eine App nutzen kann, wie viel sie ausgeben kann und wie lange.',
  'help.yourAiTitle': 'Was „Ihre KI“ bedeutet',
  'help.yourAi':
    'Ihre KI ist ein Konto bei einem KI-Anbieter, der berechnet, was Sie nutzen. Ein API-Schlüssel ist wie ein Passwort, mit dem Programme dieses Konto nutzen. Sie fügen ihn einmal unter <keys>API-Schlüssel</keys> hinzu, und Apps sehen ihn nie. Ein Abo für die Chat-App des Anbieters ist etwas anderes: Andere Apps können es nicht nutzen.',
  'help.allowTitle': 'Was einer App erlaubt ist',
  'help.allow':
    'Wenn eine App um Zugriff bittet, zeigt eine Seite die Modelle, das Ausgabenlimit und wann der Zugriff endet. Die App bekommt, was Sie dort erlauben, und sonst nichts. Es steht auf der Seite der App, und Sie können es jederzeit ändern.',
  'help.seeTitle': 'Sehen, was eine App getan hat',
  'help.see':
    '<apps>Verbundene Apps</apps> zeigt jede App mit ihren Ausgaben. Wählen Sie eine App, um ihre Anfragen zu sehen: Zeit, Modell, Kosten und Ergebnis. Die <overview>Übersicht</overview> zeigt die Summe aller Apps. Ihre Fragen und die Antworten speichern wir nicht.',
  'help.removeTitle': 'Eine App abschalten',
  'help.remove':
    'Öffnen Sie <apps>Verbundene Apps</apps>, wählen Sie die App und dann „Zugriff entfernen“. Das wirkt sofort: Eine laufende Antwort bricht ab. Wenn Sie nicht wissen, welche App es ist, <all>entfernen Sie den Zugriff aller Apps</all>.',
  'help.payTitle': 'Wer bezahlt',
  'help.pay':
    'Der KI-Anbieter belastet das Konto des API-Schlüssels. <keys>API-Schlüssel</keys> zeigt, wessen Schlüssel bei welchem Anbieter benutzt wird. In den <settings>Einstellungen</settings> können Sie begrenzen, was alle Apps zusammen im Monat ausgeben.',
  'help.signInTitle': 'Wenn Sie sich nicht anmelden können',
  'help.signIn':
    'Wählen Sie <link>Passwort vergessen?</link> Sie brauchen einen Wiederherstellungscode oder eine bestätigte E-Mail-Adresse. Wenn Sie beides nicht haben, fragen Sie die Person, die diesen Server betreibt.',
  'help.signInWithoutMail':
    'Wählen Sie <link>Passwort vergessen?</link> Sie brauchen einen Wiederherstellungscode. Wenn Sie keinen haben, fragen Sie die Person, die diesen Server betreibt.',
  'help.contactTitle': 'Kontakt',
  'help.contact': 'So erreichen Sie die Person, die diesen Server betreibt: <link>{contact}</link>',
  'help.contactUnknown':
    'Fragen Sie die Person oder Firma, die diesen Server betreibt. Ein Kontakt ist hier nicht eingetragen.',
  'help.developers': 'Entwickeln Sie Apps? <link>Seiten für Entwickler</link>',
} as const satisfies Record<keyof typeof english, string>;
