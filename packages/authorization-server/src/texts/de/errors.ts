import type { errors as english } from '../en/errors.js';

export const errors = {
  'errors.linkTitle': 'Mit diesem Link stimmt etwas nicht',
  'errors.overTitle': 'Diese Anfrage ist beendet',
  'errors.formTitle': 'Bitte versuchen Sie es noch einmal',
  'errors.notFoundTitle': 'Seite nicht gefunden',
  'errors.tooManyTitle': 'Zu viele Versuche',
  'errors.downTitle': 'Es gibt gerade ein Problem',
  'errors.details': 'Details für Entwickler (auf Englisch)',
  'errors.goBack':
    'Gehen Sie zurück zur App und versuchen Sie es noch einmal. Passiert es wieder, schicken Sie die Details unten an die Entwickler der App.',
  'errors.requestOver':
    'Sie ist abgelaufen oder wurde schon benutzt. Gehen Sie zurück zur App und beginnen Sie dort neu.',
  'errors.backTo': 'Zu {host}',
  'errors.notFound':
    'Unter dieser Adresse gibt es nichts. Prüfen Sie den Link, oder gehen Sie zu Ihren verbundenen Apps.',
  'errors.malformed':
    'Der Link enthält etwas, das wir nicht lesen können. Gehen Sie zurück und versuchen Sie es noch einmal.',
  'errors.tooLarge': 'Diese Anfrage ist zu groß. Gehen Sie zurück und versuchen Sie es mit weniger Text.',
  'errors.formOutdated':
    'Dieses Formular ist abgelaufen. Gehen Sie zurück und kopieren Sie Ihre Eingaben. Laden Sie dann die Seite neu, fügen Sie die Eingaben ein und versuchen Sie es noch einmal.',
  'errors.interactionElsewhere':
    'Diese Anfrage wurde in einem anderen Browser geöffnet. Machen Sie dort weiter, oder gehen Sie zurück zur App und verbinden Sie sich in diesem Browser erneut.',
  'errors.interactionOver': 'Diese Anfrage ist abgelaufen. Gehen Sie zurück zur App und verbinden Sie sich erneut.',
  'errors.deviceOver': 'Dieser Code ist abgelaufen oder wurde schon benutzt. Beginnen Sie in Ihrem Terminal neu.',
  'errors.accountChanged':
    'Sie sind jetzt mit einem anderen Konto angemeldet als zu Beginn. Gehen Sie zurück zur App und verbinden Sie sich erneut.',
  'errors.appUnknown':
    'Wir haben diese verbundene App in Ihrem Konto nicht gefunden. Vielleicht sind Sie mit einem anderen Konto angemeldet.',
  'errors.invitationUnknown': 'Wir haben diese unbenutzte Einladung in Ihrem Konto nicht gefunden.',
  'errors.providerUnknown': 'Diesen KI-Anbieter kennen wir nicht. Gehen Sie zurück und wählen Sie einen aus der Liste.',
  'errors.tooManyAttempts': 'Versuchen Sie es in {minutes, plural, one {# Minute} other {# Minuten}} noch einmal.',
  'errors.busy': 'Gerade melden sich viele Leute an. Versuchen Sie es in ein paar Sekunden noch einmal.',
  'errors.clientUnknown':
    'Wir kennen die App nicht, die Sie hierher geschickt hat. Gehen Sie zurück zur App und versuchen Sie es noch einmal, oder wenden Sie sich an ihre Entwickler.',
  'errors.redirectUnknown':
    'Die App möchte Sie an eine Adresse schicken, die sie nicht registriert hat. Wir haben nichts mit ihr geteilt. Wenden Sie sich an die Entwickler der App.',
  'errors.clientUnreachable':
    'Wir konnten die Angaben der App nicht laden. Gehen Sie zurück zur App und versuchen Sie es später noch einmal.',
  'errors.clientInvalid':
    'Die Angaben der App sind ungültig. Wir haben nichts mit ihr geteilt. Wenden Sie sich an die Entwickler der App.',
  'errors.databaseDown':
    'Wir erreichen gerade unsere Datenbank nicht. Versuchen Sie es in ein paar Sekunden noch einmal.',
  'errors.unexpected': 'Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.',
} as const satisfies Record<keyof typeof english, string>;
