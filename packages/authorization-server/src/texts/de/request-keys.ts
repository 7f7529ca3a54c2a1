import type { requestKeys as english } from '../en/request-keys.js';

export const requestKeys = {
  'requestKeys.title': 'API-Schlüssel',
  'requestKeys.own': '{provider}: Ihr Schlüssel mit der Endung {ending}',
  'requestKeys.ownUnchecked': '{provider}: Ihr Schlüssel mit der Endung {ending}, noch nicht geprüft',
  'requestKeys.ownRefused': '{provider} hat Ihren Schlüssel mit der Endung {ending} kürzlich abgelehnt',
  'requestKeys.server': '{provider}: der Schlüssel dieses Servers',
  'requestKeys.serverUsedUp': '{provider}: der Schlüssel dieses Servers hat sein Limit erreicht, bis {at} ({timeZone})',
  'requestKeys.simulated': '{provider}: Antworten werden simuliert und zählen bei den Limits mit',
  'requestKeys.missing': '{provider}: noch kein API-Schlüssel. Bis Sie einen hinzufügen, werden Anfragen abgelehnt.',
  'requestKeys.add': 'Hinzufügen',
  'requestKeys.replace': 'Ersetzen',
  'requestKeys.allSimulated':
    'Antworten werden hier simuliert. Sie zählen bei den Limits mit, kosten aber kein echtes Geld.',
} as const satisfies Record<keyof typeof english, string>;
