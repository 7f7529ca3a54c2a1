import type { settings as english } from '../en/settings.js';

export const settings = {
  'settings.title': 'Einstellungen',
  'settings.limitTitle': 'Ausgabenlimit für alle Apps',
  'settings.limitAbout':
    'So viel können alle Ihre Apps zusammen im Monat höchstens ausgeben. Die Limits der einzelnen Apps gelten auch.',
  'settings.limitLabel': 'Ausgabenlimit pro Monat',
  'settings.limitHint': 'Leer lassen für kein Limit. Ein neues Limit gilt ab der nächsten Anfrage.',
  'settings.limitNoneWarning':
    'Ohne dieses Limit gelten nur die Limits der einzelnen Apps. Eine App ohne Limit könnte das gesamte Geld Ihrer KI-Konten ausgeben.',
  'settings.limitUse': 'Diesen Monat: {used} von {limit} genutzt',
  'settings.limitUsed': 'Diesen Monat ausgegeben',
  'settings.saveLimit': 'Limit speichern',
  'settings.limitSaved': 'Gespeichert. Das neue Limit gilt ab der nächsten Anfrage.',
  'settings.defaultsTitle': 'Vorgaben für neue Apps',
  'settings.defaultsAbout':
    'Werden eingetragen, wenn eine App um Zugriff bittet. Über jede App entscheiden Sie weiterhin selbst.',
  'settings.defaultAmountHint': 'Leer lassen für den üblichen Betrag dieses Servers, {amount}.',
  'settings.lifetimeAsAsked': 'Wie von der App angefragt, höchstens {duration}',
  'settings.defaultsSave': 'Vorgaben speichern',
  'settings.defaultsSaved': 'Gespeichert. Bei der nächsten App, die um Zugriff bittet, sind diese Werte eingetragen.',
  'settings.defaultsCleared': 'Gelöscht. Es werden wieder die üblichen Werte eingetragen.',
  'settings.lifetimeUnknown': 'Wählen Sie eine Dauer aus der Liste.',
  'settings.timeZoneTitle': 'Zeitzone',
  'settings.timeZoneAbout': 'Für Datumsangaben auf diesen Seiten und dafür, wann Tages- und Monatslimits neu beginnen.',
  'settings.timeZoneLabel': 'Zeitzone',
  'settings.timeZoneSave': 'Zeitzone speichern',
  'settings.timeZoneSaved': 'Gespeichert. Tages- und Monatslimits beginnen nun um Mitternacht in dieser Zeitzone neu.',
  'settings.timeZoneUnknown': 'Wählen Sie eine Zeitzone aus der Liste.',
  'settings.languageTitle': 'Sprache',
  'settings.languageAbout': 'Die Sprache dieser Seiten.',
  'settings.languageLabel': 'Sprache',
  'settings.languageOfBrowser': 'Wie mein Browser',
  'settings.languageSave': 'Sprache speichern',
  'settings.languageSaved': 'Gespeichert. Die Seiten erscheinen nun in dieser Sprache.',
  'settings.languageUnknown': 'Wählen Sie eine Sprache aus der Liste.',
} as const satisfies Record<keyof typeof english, string>;
