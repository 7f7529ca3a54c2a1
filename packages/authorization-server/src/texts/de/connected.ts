import type { connected as english } from '../en/connected.js';

export const connected = {
  'connected.until': 'Zugriff endet {time}',
  'connected.endsSoon': 'Endet bald',
  'connected.limitReached': 'Limit erreicht',
  'connected.limitReachedUntil': 'Limit bis {day} erreicht',
  'connected.chat': 'Chat',
  'connected.embeddings': 'Embeddings',
  'connected.images': 'Bilder',
  'connected.audio': 'Audio',
  'connected.code': 'Code ausführen',
  'connected.files': 'gespeicherte Dateien',
  'connected.web': 'Websuche',
  'connected.allModels': 'alle Modelle von {provider}',
  'connected.moreModels': '{count, plural, one {# weiteres Modell} other {# weitere Modelle}}',
  'connected.since': 'Zugriff seit {time}',
  'connected.several':
    'Diese App ist {count, number}-mal verbunden, jedes Mal mit eigenen Limits. „Zugriff entfernen“ beendet ihren gesamten Zugriff.',
  'connected.removeOne': 'Nur diesen Zugriff entfernen',
  'connected.none': 'Diese App hat jetzt keinen Zugriff. Um weiterzumachen, verbinden Sie sich aus der App erneut.',
  'connected.total': '{count, plural, one {# Anfrage} other {# Anfragen}} für {spent} seit {time}.',
  'connected.monthsTitle': 'Ausgaben im Lauf der Zeit',
  'connected.byMonth': 'Nach Monat',
  'connected.byMonthChart': 'Ausgaben in jedem Monat. Höchster Wert: {cost} im {month}.',
  'connected.highestMonth': 'Höchster Wert: {cost} im {month}',
  'connected.month': 'Monat',
  'connected.older': 'Ältere Anfragen',
  'connected.latest': 'Neueste Anfragen',
  'connected.removed':
    'Zugriff entfernt. Die App kann Ihre KI nicht mehr nutzen. Beendet: {accesses, plural, one {# Verbindung} other {# Verbindungen}}{tokens, plural, =0 {} one {, # Anmeldung der App} other {, # Anmeldungen der App}}{answers, plural, =0 {} one {, # laufende Antwort} other {, # laufende Antworten}}.',
  'connected.nothingLeft': 'Wählen Sie mindestens ein Modell und eine Berechtigung, oder entfernen Sie den Zugriff.',
  'connected.otherLimits': 'Andere Limits ändern',
  'connected.changeTitle': 'Zugriff ändern',
  'connected.back': 'Sie können jetzt zu {app} zurückkehren.',
  'connected.backTo': 'Zurück zu {app} auf {host}',
  'connected.noneLeft': 'Diese App hatte keinen Zugriff mehr. Es wurde nichts geändert.',
  'connected.revoked': 'Zugriff entfernt. Die App kann Ihre KI nicht mehr nutzen.',
  'connected.removeAllTitle': 'Zugriff aller Apps entfernen',
  'connected.removeAll': 'Zugriff aller Apps jetzt entfernen',
  'connected.removeAllAbout':
    '{apps, plural, one {# App kann} other {# Apps können}} jetzt Ihre KI nutzen{answers, plural, =0 {} one {, mit # laufenden Antwort} other {, mit # laufenden Antworten}}. Das alles endet sofort.',
  'connected.removeAllKeeps':
    'Ihre API-Schlüssel und Einstellungen bleiben. Um eine App wieder zu nutzen, verbinden Sie sie erneut.',
  'connected.removedAll':
    'Zugriff entfernt. Keine App kann jetzt Ihre KI nutzen. Beendet: {apps, plural, one {der Zugriff von # App} other {der Zugriff von # Apps}}{tokens, plural, =0 {} other {, # ihrer Anmeldungen}}{answers, plural, =0 {} one {, # laufende Antwort} other {, # laufende Antworten}}.',
  'connected.noneLeftAll': 'Keine App hat Zugriff auf Ihre KI. Es gibt nichts zu entfernen.',
} as const satisfies Record<keyof typeof english, string>;
