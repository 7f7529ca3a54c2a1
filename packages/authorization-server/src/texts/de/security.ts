import type { security as english } from '../en/security.js';

export const security = {
  'security.title': 'Anmeldung und Sicherheit',
  'security.password': 'Wenn Sie es ändern, werden Sie auf allen anderen Geräten abgemeldet.',
  'security.sessions': 'Sehen Sie Ihre Geräte, und melden Sie die ab, die Sie nicht benutzen.',
  'security.change': 'Ändern',
  'security.manage': 'Verwalten',
  'security.show': 'Anzeigen',
} as const satisfies Record<keyof typeof english, string>;
