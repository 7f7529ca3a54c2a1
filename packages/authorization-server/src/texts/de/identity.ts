import type { identity as english } from '../en/identity.js';

export const identity = {
  'identity.title': 'Weitere Anmeldemöglichkeiten',
  'identity.about': 'Verbinden Sie ein Konto, das Sie anderswo haben, und melden Sie sich damit an.',
  'identity.none': 'Dieser Server bietet keine an.',
  'identity.signIn': 'Mit {provider} anmelden',
  'identity.or': 'oder',
  'identity.connectedAs': 'Verbunden als {email}.',
  'identity.isConnected': 'Verbunden.',
  'identity.notConnected': 'Nicht verbunden.',
  'identity.connect': '{provider} verbinden',
  'identity.remove': '{provider} entfernen',
  'identity.unreachable': '{provider} ist gerade nicht erreichbar. Versuchen Sie es später noch einmal.',
  'identity.confirm': 'Bestätigen Sie, dass Sie es sind, um Ihre Anmeldung zu ändern.',
  'identity.connected': 'Verbunden. Sie können sich ab jetzt damit anmelden.',
  'identity.removed': 'Entfernt. Eine Anmeldung damit ist nicht mehr möglich.',
  'identity.cancelled': 'Es wurde nichts geändert, weil die Anmeldung dort abgebrochen wurde.',
  'identity.taken': 'Dieses Konto gehört zu einem anderen Konto dieses Servers. Entfernen Sie es zuerst dort.',
  'identity.signInCancelled':
    'Die Anmeldung dort wurde abgebrochen. Versuchen Sie es noch einmal, oder nutzen Sie E-Mail-Adresse und Passwort.',
  'identity.signInDisabled': 'Dieses Konto wurde abgeschaltet. Fragen Sie die Person, die diesen Server betreibt.',
  'identity.unverified':
    'Der andere Anbieter hat Ihre E-Mail-Adresse nicht bestätigt. Bestätigen Sie sie dort, oder erstellen Sie ein Konto mit Passwort.',
  'identity.emailTaken':
    'Mit dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich mit Ihrem Passwort an, und verbinden Sie das andere Konto unter „Anmeldung und Sicherheit“.',
  'identity.timeUnknown':
    'So lässt sich nicht bestätigen, dass Sie es sind, weil der andere Anbieter nicht sagt, wann Sie sich dort angemeldet haben. Nehmen Sie Ihr Passwort oder einen Passkey.',
  'identity.setPasswordFirst': 'Wenn Sie beides nicht haben, <link>legen Sie zuerst ein Passwort fest</link>.',
  'identity.answerInvalid':
    'Wir konnten die Antwort des anderen Anbieters nicht verwenden. Gehen Sie zurück, und melden Sie sich noch einmal an.',
  'identity.providerDown':
    'Der andere Anbieter ist gerade nicht erreichbar. Versuchen Sie es gleich noch einmal, oder nutzen Sie Ihr Passwort.',
  'identity.connectAct': 'Weitere Anmeldemöglichkeit verbinden',
  'identity.removeAct': 'Anmeldemöglichkeit entfernen',
} as const satisfies Record<keyof typeof english, string>;
