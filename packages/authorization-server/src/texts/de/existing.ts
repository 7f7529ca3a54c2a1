import type { existing as english } from '../en/existing.js';

export const existing = {
  'existing.allowed': 'Sie erlauben {app} bereits Zugriff: {use}, bis {time}.',
  'existing.severalAllowed':
    'Sie haben {app} bereits {count, plural, one {# Zugriff} other {# Zugriffe}} erlaubt: {use}, bis {time}.',
  'existing.thisApp': 'dieser App',
  'existing.spent': '{used} ausgegeben, kein Ausgabenlimit',
  'existing.spentOnly': '{used} ausgegeben',
  'existing.spentOf': '{used} von {limit}',
  'existing.spentOfMonth': '{used} von {limit} in diesem Monat',
  'existing.spentOfDay': '{used} von {limit} heute',
  'existing.requestsOf': '{used} von {limit} Anfragen',
  'existing.replace': '{count, plural, one {Ersetzen} other {Alle ersetzen}}',
  'existing.add': '{count, plural, one {Hinzufügen} other {Hinzufügen}}',
  'existing.addNote':
    '{count, plural, one {Die App kann dann beide Beträge ausgeben.} other {Die App kann dann alle Beträge ausgeben.}}',
  'existing.elsewhere': 'Ersetzen beendet auch den Zugriff dieser App auf Ihren anderen Geräten.',
  'existing.wantsAnother': 'Die App bittet um einen eigenen Zugriff neben dem, den sie schon hat.',
  'existing.changed': 'Die App hat inzwischen Zugriff bekommen. Wählen Sie, was damit geschieht.',
  'existing.sumOf': 'zusammen {used} von {limit}',
} as const satisfies Record<keyof typeof english, string>;
