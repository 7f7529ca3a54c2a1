import type { device as english } from '../en/device.js';

export const device = {
  'device.title': 'Terminal verbinden',
  'device.about': 'Geben Sie den Code ein, den Ihr Terminal anzeigt. Danach wählen Sie, was es nutzen kann.',
  'device.code': 'Code',
  'device.warning':
    'Machen Sie nur weiter, wenn Sie dies in Ihrem eigenen Terminal begonnen haben. Hat Ihnen jemand diesen Code oder diesen Link geschickt, schließen Sie die Seite. Sonst könnte diese Person Ihre KI nutzen.',
  'device.continue': 'Weiter',
  'device.malformed': 'Geben Sie die 8 Buchstaben ein, die Ihr Terminal anzeigt, zum Beispiel BCDF-GHJK.',
  'device.unknown':
    'Diesen Code kennen wir nicht, oder er ist abgelaufen. Vergleichen Sie ihn mit Ihrem Terminal, oder beginnen Sie dort neu.',
  'device.answeredTitle': 'Zurück zum Terminal',
  'device.answered': 'Sie können zu Ihrem Terminal zurückkehren',
  'device.denied': 'Verbindung abgelehnt. {app} hat keinen Zugriff auf Ihre KI.',
  'device.allowed':
    'Sie haben {app} erlaubt, Ihre KI zu nutzen. Es geht in ein paar Sekunden weiter. <link>Zugriff ansehen oder ändern</link>',
  'device.close': 'Sie können diese Seite schließen.',
} as const satisfies Record<keyof typeof english, string>;
