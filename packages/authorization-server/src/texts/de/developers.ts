import type { developers as english } from '../en/developers.js';

export const developers = {
  'developers.title': 'Für Entwickler',
  'developers.about':
    'Lassen Sie Menschen in Ihrer App den eigenen KI-Zugriff nutzen. Ihre App erhält ein Token mit den gewählten Limits und sieht nie einen API-Schlüssel.',
  'developers.urls': 'Adressen',
  'developers.issuer': 'Autorisierungsserver (Issuer)',
  'developers.proxy': 'Ressourcen-Proxy, die Basis-URL für KI-Anfragen',
  'developers.quickStart': 'Schnellstart',
  'developers.step1': 'Registrieren Sie Ihre App und legen Sie fest, wohin Menschen zurückkehren.',
  'developers.step2': 'Senden Sie die Person mit PKCE an {code} und nennen Sie die benötigten Modelle und Limits.',
  'developers.step3': 'Tauschen Sie den Code an {code} gegen Tokens.',
  'developers.step4':
    'Rufen Sie die API des KI-Anbieters am Ressourcen-Proxy auf, mit dem Access Token anstelle des API-Schlüssels.',
  'developers.reference': 'API-Referenz',
  'developers.serverReference': 'Autorisierungsserver',
  'developers.proxyReference': 'Ressourcen-Proxy',
  'developers.adminReference': 'Admin-API für Betreiber',
  'developers.metadata': 'Metadaten dieses Servers',
  'developers.openapi': 'OpenAPI-Datei',
  'developers.operations': 'Alle Operationen',
  'developers.schemas': 'Objekte',
  'developers.parameters': 'Parameter',
  'developers.body': 'Inhalt der Anfrage',
  'developers.answers': 'Antworten',
  'developers.required': 'erforderlich',
} as const satisfies Record<keyof typeof english, string>;
