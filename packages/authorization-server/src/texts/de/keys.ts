import type { keys as english } from '../en/keys.js';

export const keys = {
  'keys.title': 'API-Schlüssel',
  'keys.about':
    'Fügen Sie Schlüssel Ihrer KI-Anbieter hinzu. Sie werden sofort verschlüsselt und nie wieder angezeigt, weder Ihnen noch einer App.',
  'keys.forRequest':
    'Wenn Sie einen Schlüssel hinzugefügt haben, kommen Sie zur Anfrage der App zurück. Ihre Auswahl dort bleibt erhalten. <link>Ohne Schlüssel zurück</link>',
  'keys.stored': 'Schlüssel gespeichert. Zur Sicherheit werden nur seine letzten 4 Zeichen angezeigt.',
  'keys.storedAccepted':
    'Schlüssel gespeichert, und der KI-Anbieter nimmt ihn an. Zur Sicherheit werden nur seine letzten 4 Zeichen angezeigt.',
  'keys.storedUntested':
    'Schlüssel gespeichert. Wir konnten ihn beim KI-Anbieter gerade nicht prüfen. Wenn der Anbieter ihn später ablehnt, steht es hier.',
  'keys.tryRefused':
    '{provider} nimmt diesen Schlüssel nicht an. Kopieren Sie ihn noch einmal, oder erstellen Sie einen neuen.',
  'keys.tryUnpaid':
    'Ihr Konto bei {provider} hat kein Guthaben. Laden Sie es dort auf, und versuchen Sie es noch einmal.',
  'keys.keepRefused': 'Schlüssel trotzdem speichern',
  'keys.whereFrom': 'Woher Sie einen Schlüssel bekommen',
  'keys.usedThisMonth':
    'In diesem Monat mit Ihren eigenen Schlüsseln für {provider}: {cost} für {count, plural, one {# Anfrage} other {# Anfragen}}.',
  'keys.name': 'Name',
  'keys.nameOptional': 'Name (optional)',
  'keys.addName': 'Namen hinzufügen',
  'keys.rename': 'Namen ändern',
  'keys.named': 'Name gespeichert.',
  'keys.badName': 'Verwenden Sie höchstens 60 Zeichen.',
  'keys.test': 'Prüfen',
  'keys.testAccepted': 'Prüfung ({time}): {provider} nimmt diesen Schlüssel an.',
  'keys.testRefused': 'Prüfung ({time}): {provider} nimmt diesen Schlüssel nicht an. Ersetzen Sie ihn.',
  'keys.testUnpaid': 'Prüfung ({time}): Ihr Konto bei {provider} hat kein Guthaben. Laden Sie es dort auf.',
  'keys.testUnknown':
    'Prüfung ({time}): {provider} hat keine klare Antwort gegeben. Versuchen Sie es später noch einmal.',
  'keys.testUnusable':
    'Prüfung ({time}): Dieser Server kann den Schlüssel für {provider} nicht mehr benutzen. Fügen Sie ihn noch einmal hinzu.',
  'keys.testRunning':
    'Eine Prüfung bei {provider} läuft noch (begonnen: {time}). Laden Sie diese Seite gleich noch einmal.',
  'keys.testUnanswered':
    'Die Prüfung bei {provider} ({time}) hatte kein Ergebnis. Versuchen Sie es später noch einmal.',
  'keys.deletedServer':
    'Schlüssel hier gelöscht. Löschen Sie ihn auch bei {provider}. Apps nutzen jetzt den Schlüssel dieses Servers.',
  'keys.deletedUsedUp':
    'Schlüssel hier gelöscht. Löschen Sie ihn auch bei {provider}. Der Schlüssel dieses Servers hat sein Limit erreicht, bis {at} ({timeZone}). Bis dahin können Apps {provider} nur nutzen, wenn Sie einen Schlüssel hinzufügen.',
  'keys.deletedSimulated':
    'Schlüssel hier gelöscht. Löschen Sie ihn auch bei {provider}. Antworten werden simuliert, bis Sie einen Schlüssel hinzufügen.',
  'keys.deletedMissing':
    'Schlüssel hier gelöscht. Löschen Sie ihn auch bei {provider}. Apps können {provider} erst wieder nutzen, wenn Sie einen Schlüssel hinzufügen.',
  'keys.absent': 'Sie haben keinen Schlüssel für diesen Anbieter.',
  'keys.refused':
    '{provider} hat eine Anfrage mit diesem Schlüssel abgelehnt ({time}). Prüfen Sie Ihr Konto dort, oder ersetzen Sie den Schlüssel. Die Meldung war: {reason}',
  'keys.refusedInvalid':
    '{provider} nimmt diesen Schlüssel nicht mehr an ({time}). Ersetzen Sie ihn durch einen neuen aus Ihrem Konto dort. Die Meldung war: {reason}',
  'keys.refusedUnpaid':
    'Ihr Konto bei {provider} hat kein Guthaben mehr oder hat ein Limit erreicht ({time}). Laden Sie es auf, oder erhöhen Sie dort das Limit. Die Meldung war: {reason}',
  'keys.refusedBilling':
    '{provider} meldet ein Problem mit der Abrechnung Ihres Kontos ({time}). Prüfen Sie dort Ihre Zahlungsdaten. Die Meldung war: {reason}',
  'keys.refusedForbidden':
    '{provider} erlaubt diesem Schlüssel eine solche Anfrage nicht ({time}). Prüfen Sie dort die Rechte des Schlüssels, oder ersetzen Sie ihn. Die Meldung war: {reason}',
  'keys.delete': 'Löschen',
  'keys.deleteKey': 'API-Schlüssel löschen',
  'keys.deleteNow': 'Schlüssel löschen',
  'keys.deleteApps':
    '{count, plural, =0 {Keine verbundene App kann {provider} jetzt nutzen.} one {# verbundene App kann {provider} nutzen.} other {# verbundene Apps können {provider} nutzen.}}',
  'keys.thenServer': 'Danach nutzen Anfragen an Modelle von {provider} den Schlüssel dieses Servers.',
  'keys.thenSimulated':
    'Danach werden Antworten von Modellen von {provider} simuliert, bis Sie einen Schlüssel hinzufügen.',
  'keys.thenMissing': 'Danach werden Anfragen an Modelle von {provider} abgelehnt, bis Sie einen Schlüssel hinzufügen.',
  'keys.deleteStays':
    'Wir können Ihnen den Schlüssel nicht noch einmal anzeigen. Bei {provider} gilt er weiter, bis Sie ihn dort löschen.',
  'keys.warnRefused':
    '{provider} lehnt Ihren API-Schlüssel ab. Anfragen von Apps an diese Modelle schlagen deshalb fehl. <link>Schlüssel prüfen</link>',
  'keys.warnUsedUp':
    'Der Schlüssel dieses Servers für {provider} hat bis {at} ({timeZone}) sein Limit erreicht. Anfragen von Apps an diese Modelle schlagen deshalb fehl. <link>Eigenen Schlüssel hinzufügen</link>',
  'keys.warnMissing':
    'Für {provider} gibt es keinen API-Schlüssel. Anfragen von Apps an diese Modelle schlagen deshalb fehl. <link>Schlüssel hinzufügen</link>',
  'keys.unused': '{ending} hinzugefügt {added}, noch nicht benutzt. Nur für {host}.',
  'keys.used': '{ending} hinzugefügt {added}, zuletzt benutzt {used}. Nur für {host}.',
  'keys.operatorKey':
    'Es wird der Schlüssel dieses Servers benutzt. Fügen Sie Ihren hinzu, um ihn stattdessen zu nutzen.',
  'keys.operatorKeyUsedUp':
    'Der Schlüssel dieses Servers hat sein Limit erreicht, bis {at} ({timeZone}). Fügen Sie Ihren hinzu, um weiterzumachen.',
  'keys.simulated': 'Kein Schlüssel. Antworten werden simuliert, bis Sie einen hinzufügen.',
  'keys.none': 'Noch kein Schlüssel. Apps können diese Modelle nicht nutzen.',
  'keys.confirm': 'Bestätigen Sie, dass Sie es sind, um einen Schlüssel hinzuzufügen.',
  'keys.confirmDeletion': 'Bestätigen Sie, dass Sie es sind, um den Schlüssel zu löschen.',
  'keys.addTitle': 'Schlüssel hinzufügen',
  'keys.provider': 'KI-Anbieter',
  'keys.key': 'API-Schlüssel',
  'keys.again': 'Fügen Sie den Schlüssel noch einmal ein. Zur Sicherheit wird er nicht noch einmal angezeigt.',
  'keys.replaces': 'Wenn Sie für diesen Anbieter schon einen Schlüssel haben, ersetzt ihn der neue.',
  'keys.asSpare':
    'Meinen Schlüssel für diesen Anbieter behalten und diesen als Ersatzschlüssel hinzufügen. Apps nutzen einen Ersatzschlüssel erst, wenn Sie ihn an die erste Stelle setzen.',
  'keys.tooMany':
    'Sie haben schon so viele Ersatzschlüssel, wie dieser Server je Anbieter speichert. Löschen Sie zuerst einen.',
  'keys.spareKey': '{provider}: Ersatzschlüssel',
  'keys.absentSpare':
    'Diesen Ersatzschlüssel gibt es nicht mehr, oder er steht jetzt an erster Stelle. Das ist die aktuelle Liste.',
  'keys.putFirst': 'An die erste Stelle',
  'keys.first': 'Der Schlüssel steht jetzt an erster Stelle. Apps nutzen ihn ab sofort.',
  'keys.deletedNext':
    'Schlüssel hier gelöscht. Löschen Sie ihn auch bei {provider}. Apps nutzen jetzt Ihren nächsten Schlüssel, …{ending}.',
  'keys.deletedSpare': 'Ersatzschlüssel hier gelöscht. Löschen Sie ihn auch bei {provider}.',
  'keys.thenNext': 'Danach nutzen Anfragen an Modelle von {provider} Ihren nächsten Schlüssel, …{ending}.',
  'keys.thenUnchanged': 'Apps nutzen diesen Schlüssel zurzeit nicht. Für sie ändert sich also nichts.',
  'keys.add': 'Schlüssel hinzufügen',
  'keys.chooseProvider': 'Wählen Sie einen KI-Anbieter aus der Liste.',
  'keys.malformed': 'Das sieht nicht nach einem vollständigen API-Schlüssel aus. Kopieren Sie ihn noch einmal.',
  'keys.malformedFor':
    'Das sieht nicht nach einem vollständigen API-Schlüssel von {provider} aus. Kopieren Sie ihn noch einmal.',
  'keys.subscription':
    'Das gehört zu einem Abonnement bei {provider}, das nur für Ihre eigene Nutzung gilt. Erstellen Sie einen API-Schlüssel in der Konsole von {provider}.',
  'keys.session':
    'Das gehört zu einer Anmeldung und ist kein API-Schlüssel. Erstellen Sie einen API-Schlüssel in der Konsole von {provider}.',
  'keys.otherProvider': 'Das sieht nach einem Schlüssel von {other} aus, nicht von {provider}.',
} as const satisfies Record<keyof typeof english, string>;
