import type { overview as english } from '../en/overview.js';

export const overview = {
  'overview.title': 'Übersicht',
  'overview.startTitle': 'Erste Schritte',
  'overview.startAbout':
    'Lassen Sie Apps Ihre KI nutzen, ohne Ihre API-Schlüssel weiterzugeben. Es sind zwei Schritte.',
  'overview.addKey': 'API-Schlüssel hinzufügen',
  'overview.addKeyAbout': 'Von Ihrem KI-Anbieter. Apps sehen ihn nie.',
  'overview.addKeyNeeded': 'Bis Sie einen hinzufügen, werden die Anfragen Ihrer Apps abgelehnt.',
  'overview.addKeySimulated':
    'Das geht auch später. Bis dahin werden Antworten simuliert: Sie zahlen nichts, aber sie zählen zu den Limits Ihrer Apps.',
  'overview.addKeyOptional':
    'Sie können diesen Schritt überspringen. Dieser Server hat Schlüssel, die Sie nutzen können.',
  'overview.connect': 'App verbinden',
  'overview.connectAbout':
    'Öffnen Sie eine App, die mit AIPassport arbeitet, und wählen Sie dort „KI verbinden“. Sie entscheiden, welche Modelle sie nutzen und wie viel sie ausgeben darf.',
  'overview.nextSteps': 'Nächste Schritte',
  'overview.confirmEmail': 'E-Mail-Adresse bestätigen',
  'overview.confirmEmailAbout':
    'Bis dahin erhalten Sie keine E-Mails zu Ihrem Konto und können kein neues Passwort per E-Mail festlegen.',
  'overview.setPassword': 'Passwort festlegen',
  'overview.setPasswordAbout':
    'Für neue API-Schlüssel und höhere Limits kann ein Passwort oder ein Passkey nötig sein. Sie haben beides nicht.',
  'overview.addPasskey': 'Passkey hinzufügen',
  'overview.addPasskeyAbout': 'Melden Sie sich mit Fingerabdruck, Gesicht oder PIN an.',
  'overview.saveCodes': 'Wiederherstellungscodes sichern',
  'overview.saveCodesAbout': 'Damit kommen Sie in Ihr Konto, wenn Passwort oder Gerät verloren gehen.',
  'overview.monthTitle': 'Ausgaben im {month}',
  'overview.spent': '<strong>{cost}</strong> für {count, plural, one {# Anfrage} other {# Anfragen}}',
  'overview.none': 'Noch keine Anfragen in diesem Monat.',
  'overview.overall': 'Ihr Limit für alle Apps: noch {left} von {limit} im Monat. <link>Limit ändern</link>',
  'overview.overallNone': 'Es gibt kein Limit für alle Apps. <link>Limit festlegen</link>',
  'overview.byDay': 'Nach Tag',
  'overview.byDayChart': 'Ausgaben an jedem Tag im {month}. Höchster Wert: {cost} am {day}.',
  'overview.highest': 'Höchster Wert: {cost} am {day}',
  'overview.byApp': 'Nach App',
  'overview.byModel': 'Nach Modell',
  'overview.rest': '{count, plural, one {Weitere: #} other {Weitere: #}}',
  'overview.figures': 'Zahlen als Tabellen zeigen',
  'overview.app': 'App',
  'overview.model': 'Modell',
  'overview.day': 'Tag',
  'overview.requests': 'Anfragen',
  'overview.cost': 'Kosten',
  'overview.budgets': 'Ausgabenlimits',
  'overview.leftInAll': 'Noch {left} von {limit}',
  'overview.leftThisMonth': 'Noch {left} von {limit} in diesem Monat',
  'overview.leftToday': 'Noch {left} von {limit} heute',
  'overview.ending': 'Zugriff, der bald endet',
  'overview.endsAt': 'Endet {time}',
  'overview.allApps': 'Alle verbundenen Apps',
} as const satisfies Record<keyof typeof english, string>;
