import type { activity as english } from '../en/activity.js';

export const activity = {
  'activity.empty': 'Noch keine Aktivität.',
  'activity.when': 'Wann',
  'activity.model': 'Modell',
  'activity.tokens': 'Tokens',
  'activity.cost': 'Kosten',
  'activity.result': 'Ergebnis',
  'activity.in': '{count, number} rein,',
  'activity.out': '{count, number} raus',
  'activity.footer': 'Die letzten abgeschlossenen Anfragen und Korrekturen. Fragen und Antworten speichern wir nicht.',
  'activity.answered': 'Beantwortet',
  'activity.failed': 'Fehlgeschlagen ({status})',
  'activity.produced': 'Geschätzt anhand der Antwort (der Anbieter hat die Kosten nicht gemeldet)',
  'activity.estimated': 'Geschätzte Kosten (der Anbieter hat sie nicht gemeldet)',
  'activity.doubted': 'Geschätzte Kosten (der Anbieter hat mehr gemeldet, als möglich ist)',
  'activity.abandoned': 'Geschätzte Kosten (das Ergebnis ist unbekannt)',
  'activity.unbilled': 'Nicht berechnet (der Anbieter hat abgelehnt)',
  'activity.released': 'Nicht berechnet (hat den Anbieter nicht erreicht)',
  'activity.corrected': 'Korrektur (das Ergebnis ist jetzt bekannt)',
  'activity.withdrawn': 'Korrektur (hat den Anbieter nicht erreicht)',
} as const satisfies Record<keyof typeof english, string>;
