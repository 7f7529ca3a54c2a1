import type { sessions as english } from '../en/sessions.js';

export const sessions = {
  'sessions.title': 'Wo Sie angemeldet sind',
  'sessions.about': 'Wenn Sie ein Gerät nicht kennen, melden Sie es ab und ändern Sie Ihr Passwort.',
  'sessions.device': '{browser} auf {system}',
  'sessions.unknownDevice': 'Unbekanntes Gerät',
  'sessions.current': 'Dieses Gerät · Angemeldet {created}',
  'sessions.other': 'Angemeldet {created} · Zuletzt benutzt {seen}',
  'sessions.end': 'Abmelden',
  'sessions.endOthers': 'Auf allen anderen Geräten abmelden',
  'sessions.note': 'Ihre verbundenen Apps behalten ihren Zugriff.',
  'sessions.endedOne': 'Auf diesem Gerät abgemeldet.',
  'sessions.endedOthers': 'Auf allen anderen Geräten abgemeldet.',
  'sessions.endedNone': 'Dieses Gerät war schon abgemeldet.',
} as const satisfies Record<keyof typeof english, string>;
