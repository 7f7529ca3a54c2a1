import type { permissions as english } from '../en/permissions.js';

export const permissions = {
  'permissions.model': '{model} ({provider})',
  'permissions.allModels': 'Alle Modelle von {provider}',
  'permissions.allModelsWarning': 'Auch die teuersten Modelle und alle, die später dazukommen.',
  'permissions.gone': '{model} (nicht mehr verfügbar)',
  'permissions.alias':
    'Der KI-Anbieter bestimmt, für welches Modell dieser Name steht. Derzeit dürfte es {model} sein.',
  'permissions.aliasOfMany':
    'Der KI-Anbieter bestimmt, für welches Modell dieser Name steht. Derzeit dürfte es {model} sein. Während eine Anfrage läuft, reservieren wir den Preis des teuersten Modells.',
  'permissions.chat': 'Nachrichten senden und Antworten erhalten',
  'permissions.embeddings': 'Text in Embeddings umwandeln, für Suche und Vergleich',
  'permissions.images': 'Bilder erzeugen',
  'permissions.audio': 'Sprache erzeugen und Aufnahmen in Text umwandeln',
  'permissions.code': 'Code auf Rechnern des KI-Anbieters ausführen',
  'permissions.codeWarning': 'Der KI-Anbieter berechnet das Ausführen von Code zusätzlich.',
  'permissions.files': 'Dateien beim KI-Anbieter speichern und in Chats verwenden',
  'permissions.filesWarning':
    'Der KI-Anbieter bewahrt jede Datei höchstens 30 Tage in Ihrem Konto dort auf. Andere Apps, denen Sie hier Zugriff geben, können sie nicht lesen.',
  'permissions.web': 'Im Web suchen und Links öffnen, die die App angibt',
  'permissions.webWarning':
    'Der KI-Anbieter berechnet Suchen zusätzlich, und geöffnete Seiten können die Antworten beeinflussen.',
} as const satisfies Record<keyof typeof english, string>;
