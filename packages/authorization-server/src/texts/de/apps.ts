import type { apps as english } from '../en/apps.js';

export const apps = {
  'apps.title': 'Verbundene Apps',
  'apps.empty':
    'Keine verbundenen Apps. Beginnen Sie in der App: Sie schickt Sie zum Entscheiden hierher und erscheint dann in dieser Liste.',
  'apps.past': 'Früherer Zugriff ({count, number})',
  'apps.limitsSaved': 'Gespeichert. Gilt ab der nächsten Anfrage.',
  'apps.limitsUnchanged': 'Es wurde nichts geändert.',
  'apps.activity': 'Aktivität',
  'apps.changeLimits': 'Limits ändern',
  'apps.remove': 'Zugriff entfernen',
  'apps.connected': 'Verbunden',
  'apps.lastUsed': 'Zuletzt benutzt',
  'apps.notUsed': 'noch nicht benutzt',
  'apps.limitReached':
    '<strong>Limit erreicht.</strong> <link>Erhöhen Sie das Limit</link>, damit die App weitermachen kann.',
  'apps.limitReachedUntil':
    '<strong>Limit bis {day} erreicht.</strong> <link>Erhöhen Sie das Limit</link>, damit die App jetzt weitermachen kann.',
  'apps.allAppsReached':
    '<strong>Ausgabenlimit für alle Apps bis {day} erreicht.</strong> Ihre Apps können zusammen {limit} im Monat ausgeben. <link>Erhöhen Sie das Limit</link>, damit sie jetzt weitermachen können.',
  'apps.endedByOwner': 'Sie haben den Zugriff am {time} entfernt.',
  'apps.endedByReplacement': 'Sie haben diesen Zugriff am {time} durch einen neuen ersetzt.',
  'apps.endedByClient': 'Die App hat ihren Zugriff am {time} aufgegeben.',
  'apps.endedByCodeReplay':
    'Der Zugriff endete am {time}, weil ein Anmeldecode zweimal benutzt wurde. Vielleicht hat ihn jemand kopiert.',
  'apps.endedByTokenReuse':
    'Der Zugriff endete am {time}, weil ein altes Token noch einmal benutzt wurde. Vielleicht hat es jemand kopiert.',
  'apps.endedWithAccount': 'Der Zugriff endete am {time} mit Ihrem Konto.',
  'apps.endedWithApp': 'Der Zugriff endete am {time}, weil die App gelöscht wurde.',
  'apps.endedWithParent': 'Endete am {time}, zusammen mit dem Zugriff, von dem er stammt.',
  'apps.endedByOperator': 'Die Person, die diesen Server betreibt, hat den Zugriff am {time} entfernt.',
  'apps.endedOtherwise': 'Der Zugriff wurde am {time} entfernt.',
  'apps.expired': 'Der Zugriff ist am {time} abgelaufen.',
  'apps.over':
    'Die App kann diesen Zugriff nicht mehr nutzen. Um weiterzumachen, verbinden Sie sich aus der App erneut.',
  'apps.allAppsMonth': 'Alle Apps, diesen Monat',
  'apps.allAppsBar': 'Von allen Apps ausgegeben',
  'apps.allAppsNote': 'Ihr Limit für alle Apps aus den <link>Einstellungen</link>.',
  'apps.partOf':
    'Die App hat diesen Teil ihres Zugriffs mit einem ihrer Agenten geteilt. Er endet mit dem <link>Zugriff der App</link>, und seine Nutzung zählt auch dort.',
  'apps.sharedTitle': 'Von der App geteilt',
  'apps.sharedAbout': 'Die App hat Teile ihres Zugriffs mit ihren Agenten geteilt. Deren Nutzung zählt auch oben.',
  'apps.sharedPast': 'Früher geteilt ({count, number})',
  'apps.sharedPart': 'Geteilter Zugriff',
  'apps.sharedAgain': 'Diesen Teil hat der Agent darüber geteilt.',
  'apps.verifiedAt': '{place} · geprüft',
  'apps.unverifiedAt': '{place} · nicht geprüft',
  'apps.verifiedName': '{app} ({place}, geprüft)',
  'apps.unverifiedName': '{app} ({place}, nicht geprüft)',
  'apps.placeWeb': 'auf {host}',
  'apps.placeLocal': 'auf Ihrem Computer',
  'apps.placeScheme': 'auf Ihrem Gerät, als {scheme}',
  'apps.placeTerminal': 'in einem Terminal',
  'apps.destinationLocal': 'einer App auf Ihrem Computer',
  'apps.destinationScheme': 'der App auf diesem Gerät, die {scheme} öffnet',
  'apps.limitsNote': 'Gilt ab der nächsten Anfrage der App. Bisherige Nutzung zählt weiter.',
} as const satisfies Record<keyof typeof english, string>;
