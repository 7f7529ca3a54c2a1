import type { tokens as english } from '../en/tokens.js';

export const tokens = {
  'tokens.title': 'API-Tokens',
  'tokens.about':
    'Mit einem Token kann eines Ihrer Programme Ihr Konto über die <link>JSON-API</link> nutzen. Halten Sie es geheim wie Ihr Passwort. Apps anderer Leute brauchen kein Token: Sie bitten Sie um Zugriff.',
  'tokens.ends': 'Alle Tokens enden, wenn Sie ein neues Passwort festlegen.',
  'tokens.created': 'API-Token erstellt.',
  'tokens.new': 'Neues Token',
  'tokens.newNote': 'Kopieren Sie es jetzt. Es wird nur einmal angezeigt.',
  'tokens.tryIt': 'Probieren Sie es aus. Das Programm liest das Token aus der Variablen AIPASSPORT_TOKEN.',
  'tokens.createTitle': 'Token erstellen',
  'tokens.name': 'Name',
  'tokens.nameHint': 'Welches Programm es benutzt. Zum Beispiel: Übersicht.',
  'tokens.permissions': 'Was das Programm darf',
  'tokens.read':
    'Es sieht immer Ihre verbundenen Apps mit ihren Limits und ihrer Nutzung, Ihre Aktivität und die Apps, die Sie entwickeln. Es sieht nie einen API-Schlüssel eines KI-Anbieters.',
  'tokens.manage':
    'Zugriff entfernen, Limits senken, API-Schlüssel prüfen und löschen, Geräte abmelden und Einstellungen ändern, die keinen Zugriff geben',
  'tokens.developer':
    'Apps, die Sie entwickeln, registrieren, ändern und löschen und Client-Geheimnisse für sie erstellen',
  'tokens.developerWarning':
    'Wählen Sie das nur für ein Programm, dem Sie vertrauen. Wer dieses Token stiehlt, kann sich als Ihre App ausgeben, die Menschen, die sie benutzen, auf eine andere Website leiten und den Zugriff nutzen, den diese der App gegeben haben.',
  'tokens.operator':
    'Alle Konten und Apps dieses Servers sehen, Konten sperren, Apps blockieren, Bestätigungen und das Recht einzuladen entziehen und Einladungen zurückziehen',
  'tokens.admin': 'Admin-API benutzen',
  'tokens.adminAbout':
    'Wählen Sie nur, was das Programm braucht. Für die Admin-API gilt ein Token höchstens 7 Tage. Es endet, wenn Sie nicht mehr Betreiber sind.',
  'tokens.adminTooLong': 'Wählen Sie für die Admin-API höchstens {days, number} Tage.',
  'tokens.validFor': 'Gültig für',
  'tokens.create': 'Token erstellen',
  'tokens.confirm': 'Bestätigen Sie, dass Sie es sind, um ein Token zu erstellen.',
  'tokens.listTitle': 'Ihre Tokens',
  'tokens.empty': 'Noch keine Tokens. Tokens, die Sie erstellen, erscheinen hier.',
  'tokens.canRead': 'Sieht Ihr Konto.',
  'tokens.canManage':
    'Kann Zugriff entfernen, Limits senken, API-Schlüssel prüfen und löschen, Geräte abmelden und Einstellungen ändern, die keinen Zugriff geben.',
  'tokens.canDevelop': 'Kann Ihre Apps registrieren, ändern und löschen und Client-Geheimnisse für sie erstellen.',
  'tokens.canOperate':
    'Kann alle Konten und Apps dieses Servers sehen, Konten sperren, Apps blockieren, Bestätigungen und das Recht einzuladen entziehen und Einladungen zurückziehen.',
  'tokens.canAdminister': 'Kann die Admin-API benutzen: {scopes}',
  'tokens.live': 'Gültig bis {expires}. Erstellt: {created}.',
  'tokens.expired': 'Abgelaufen: {expires}. Erstellt: {created}.',
  'tokens.used': 'Zuletzt benutzt: {used}.',
  'tokens.unused': 'Nie benutzt.',
  'tokens.remove': 'Entfernen',
  'tokens.removed': 'API-Token entfernt. Programme können es nicht mehr benutzen.',
  'tokens.tooMany': 'Sie können {max, number} Tokens haben. Entfernen Sie zuerst eines.',
  'tokens.badName': 'Geben Sie einen Namen mit 1 bis 60 sichtbaren Zeichen ein.',
  'tokens.choosePermissions': 'Wählen Sie, was das Programm darf.',
  'tokens.chooseLifetime': 'Wählen Sie, wie lange das Token gilt.',
} as const satisfies Record<keyof typeof english, string>;
