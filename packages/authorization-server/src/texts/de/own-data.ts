import type { ownData as english } from '../en/own-data.js';

export const ownData = {
  'ownData.title': 'Ihre Daten',
  'ownData.settingsAbout':
    'Laden Sie alles herunter, was dieser Server über Sie speichert, oder löschen Sie Ihr Konto.',
  'ownData.exportTitle': 'Ihre Daten herunterladen',
  'ownData.exportAbout':
    'Eine JSON-Datei mit Ihrem Konto, Ihren Geräten, den Apps und ihrem Zugriff, den Anfragen, den Einladungen und der Kontoaktivität. Ihre API-Schlüssel und Ihr Passwort sind nicht enthalten. Fragen und Antworten speichern wir nicht.',
  'ownData.export': 'Herunterladen',
  'ownData.confirmExport': 'Bestätigen Sie, dass Sie es sind, um Ihre Daten herunterzuladen.',
  'ownData.deleteTitle': 'Konto löschen',
  'ownData.deleteAbout': 'Das Löschen Ihres Kontos lässt sich nicht rückgängig machen.',
  'ownData.deleteNow': 'Was sofort geschieht',
  'ownData.deleteAccess': 'Alle Apps verlieren ihren Zugriff. Laufende Antworten werden abgebrochen.',
  'ownData.deleteOwnApps':
    '{count, plural, one {Die App, die Sie entwickeln, wird gelöscht und verliert den Zugriff auf alle Konten:} other {Die # Apps, die Sie entwickeln, werden gelöscht und verlieren den Zugriff auf alle Konten:}}',
  'ownData.deleteKeys':
    'Ihre API-Schlüssel werden hier gelöscht. Bei Ihren KI-Anbietern gelten sie weiter, bis Sie sie dort löschen.',
  'ownData.deleteSessions': 'Sie werden auf allen Geräten abgemeldet.',
  'ownData.deleteRest':
    'Ihre E-Mail-Adresse, Ihre Einstellungen, Einladungen und die Listen der Apps und Anfragen werden gelöscht.',
  'ownData.staysTitle': 'Was bleibt',
  'ownData.stays':
    'Beträge, Modelle, Zeiten und Apps früherer Anfragen und das Protokoll der Ereignisse, ohne Ihre E-Mail-Adresse und ohne Verbindung zu Ihnen. Der Betreiber dieses Servers braucht sie für seine Abrechnung.',
  'ownData.typeEmail': 'Geben Sie zur Bestätigung Ihre E-Mail-Adresse ein',
  'ownData.delete': 'Konto löschen',
  'ownData.wrongEmail': 'Das ist nicht die E-Mail-Adresse dieses Kontos.',
  'ownData.confirmDelete': 'Bestätigen Sie, dass Sie es sind, um Ihr Konto zu löschen.',
  'ownData.deletedTitle': 'Konto gelöscht',
  'ownData.deleted': 'Ihr Konto ist gelöscht, und alle Apps haben ihren Zugriff verloren.',
  'ownData.deleteOperator':
    'Sie sind Betreiber dieses Servers. Wenn es sonst keinen gibt, machen Sie ein anderes Konto zum Betreiber, bevor Sie Ihres löschen.',
  'ownData.onlyOperator':
    'Sie sind der einzige Betreiber dieses Servers. Machen Sie zuerst ein anderes Konto zum Betreiber: Jemand mit Zugang zum Server führt „aipassport operators invite“ aus.',
} as const satisfies Record<keyof typeof english, string>;
