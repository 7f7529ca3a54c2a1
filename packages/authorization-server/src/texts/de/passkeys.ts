import type { passkeys as english } from '../en/passkeys.js';

export const passkeys = {
  'passkeys.title': 'Passkeys',
  'passkeys.about':
    'Mit einem Passkey melden Sie sich mit Fingerabdruck, Gesicht oder der PIN Ihres Geräts an statt mit einem Passwort.',
  'passkeys.none': 'Noch keine Passkeys.',
  'passkeys.signIn': 'Mit Passkey anmelden',
  'passkeys.useOne': 'Stattdessen Passkey verwenden',
  'passkeys.use': 'Passkey verwenden',
  'passkeys.orPassword': 'Oder mit Passwort',
  'passkeys.addTitle': 'Passkey hinzufügen',
  'passkeys.add': 'Passkey hinzufügen',
  'passkeys.name': 'Name',
  'passkeys.needsScript': 'Schalten Sie JavaScript in Ihrem Browser ein, um einen Passkey hinzuzufügen.',
  'passkeys.confirmAdd': 'Bestätigen Sie, dass Sie es sind, um einen Passkey hinzuzufügen.',
  'passkeys.goOn': 'Weiter',
  'passkeys.confirmFirst':
    'Ihre Anmeldung liegt eine Weile zurück. Bestätigen Sie zuerst, dass Sie es sind, um einen Passkey hinzuzufügen.',
  'passkeys.unused': 'Hinzugefügt {created}, noch nicht benutzt.',
  'passkeys.used': 'Hinzugefügt {created}, zuletzt benutzt {used}.',
  'passkeys.rename': 'Umbenennen',
  'passkeys.remove': 'Entfernen',
  'passkeys.removeNow': 'Passkey entfernen',
  'passkeys.removeAbout':
    'Mit diesem Passkey können Sie sich dann nicht mehr anmelden. Geräte, die sich damit angemeldet haben, bleiben angemeldet.',
  'passkeys.othersStay':
    '{count, plural, =0 {Sie haben keinen anderen Passkey.} one {# anderer Passkey bleibt.} other {# andere Passkeys bleiben.}}',
  'passkeys.confirm': 'Bestätigen Sie, dass Sie es sind, um den Passkey zu entfernen.',
  'passkeys.added': 'Passkey hinzugefügt. Sie können sich ab jetzt damit anmelden.',
  'passkeys.confirmed': 'Bestätigt. Sie können jetzt einen Passkey hinzufügen.',
  'passkeys.first': 'Mein erster Passkey',
  'passkeys.renamed': 'Passkey umbenannt.',
  'passkeys.removed': 'Passkey entfernt. Löschen Sie ihn auch auf Ihrem Gerät.',
  'passkeys.badName': 'Geben Sie einen Namen mit höchstens 60 Zeichen ein.',
  'passkeys.notAdded':
    'Wir konnten diesen Passkey nicht hinzufügen. Versuchen Sie es noch einmal. Sie können bis zu 20 Passkeys haben.',
  'passkeys.notMade':
    'Es wurde kein Passkey erstellt. Versuchen Sie es noch einmal, oder prüfen Sie, ob dieses Gerät schon einen hat.',
  'passkeys.failed': 'Das hat nicht geklappt. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.',
  'passkeys.refused':
    'Wir konnten Sie mit diesem Passkey nicht anmelden. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.',
  'passkeys.removeAct': 'Passkey entfernen',
} as const satisfies Record<keyof typeof english, string>;
