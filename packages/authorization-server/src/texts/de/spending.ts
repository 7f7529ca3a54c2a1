import type { spending as english } from '../en/spending.js';

export const spending = {
  'spending.title': 'Wie viel sie ausgeben kann',
  'spending.asked': 'Von der App angefragt: {amount}.',
  'spending.other': 'Andere',
  'spending.amount': 'Betrag in US-Dollar',
  'spending.none': 'Kein Limit',
  'spending.noneWarning': 'Ohne Limit könnte die App das gesamte Geld Ihrer KI-Konten ausgeben.',
  'spending.acceptNone': 'Ich akzeptiere, dass es kein Limit gibt',
  'spending.acceptNoneMissing': 'Bestätigen Sie, dass es kein Limit gibt, oder wählen Sie einen Betrag.',
  'spending.choose': 'Wählen Sie, wie viel die App ausgeben kann.',
  'spending.unclear': 'Sie haben einen Betrag eingegeben und auch etwas anderes gewählt. Wählen Sie eines davon.',
  'spending.allApps': 'Alle Apps zusammen: {limit} im Monat, {left} übrig.',
  'spending.otherApps': 'Ihre anderen Apps: diesen Monat noch bis zu {amount}.',
  'spending.otherAppsNoLimit': 'Ihre anderen Apps: ohne Limit.',
  'spending.remember': 'Betrag und Dauer für andere Apps merken',
} as const satisfies Record<keyof typeof english, string>;
