import type { playground as english } from '../en/playground.js';

export const playground = {
  'playground.title': 'Playground',
  'playground.about':
    'Verbinden Sie sich Schritt für Schritt mit Ihrem eigenen Konto, wie eine App es täte. Jeder Schritt zeigt die Anfrage und die Antwort. Tokens sind gekürzt, und die Seite vergisst sie, wenn Sie sie verlassen.',
  'playground.paysOwn':
    'Die Anfragen sind echt und nutzen Ihren Schlüssel für {provider} mit der Endung {ending}. Sie zahlen dafür an {provider}, höchstens {amount}.',
  'playground.paysRefused':
    'Die Anfragen sind echt und nutzen Ihren Schlüssel für {provider} mit der Endung {ending}, den {provider} zuletzt abgelehnt hat. <link>Schlüssel ersetzen</link>',
  'playground.paysServer':
    'Die Anfragen sind echt und nutzen den Schlüssel dieses Servers für {provider}. Der Betreiber zahlt dafür, höchstens {amount}.',
  'playground.paysOwnOrServer':
    'Die Anfragen sind echt und nutzen Ihren Schlüssel für {provider}, wenn Sie hier einen haben. Dann zahlen Sie dafür an {provider}, höchstens {amount}. Sonst nutzen sie den Schlüssel dieses Servers, und der Betreiber zahlt.',
  'playground.paysNobody':
    'Die Antworten werden simuliert. Sie zählen bei Ihren Limits mit, kosten aber kein echtes Geld.',
  'playground.paysOwnOrNobody':
    'Die Anfragen nutzen Ihren Schlüssel für {provider}, wenn Sie hier einen haben. Dann zahlen Sie dafür an {provider}, höchstens {amount}. Sonst werden die Antworten simuliert und kosten kein echtes Geld.',
  'playground.paysUsedUp':
    'Die Anfragen sind echt. Der Schlüssel dieses Servers für {provider} hat sein Limit für diesen Monat erreicht. Sie brauchen deshalb einen eigenen Schlüssel, und Sie zahlen dafür an {provider}. <link>Schlüssel hinzufügen</link>',
  'playground.paysMissing':
    'Die Anfragen sind echt und brauchen einen Schlüssel für {provider}, und Sie zahlen dafür an {provider}. Noch gibt es keinen. <link>Schlüssel hinzufügen</link>',
  'playground.needsScript': 'Der Playground braucht JavaScript. Schalten Sie es für diese Seite ein.',
  'playground.reason': 'Um den Playground auszuprobieren.',
  'playground.request': 'Anfrage',
  'playground.answer': 'Antwort',
  'playground.authorize': 'Um Zugriff bitten',
  'playground.authorizeAbout':
    'Die App schickt den Browser zu diesem Server. Sie entscheiden und kommen mit einem Code hierher zurück.',
  'playground.token': 'Code gegen Tokens tauschen',
  'playground.tokenAbout': 'Der Code gilt einmal, und nur zusammen mit dem Code Verifier.',
  'playground.chat': 'Eine Anfrage an die KI senden',
  'playground.chatAbout': 'Das Access Token steht anstelle des API-Schlüssels. Die Anfrage zählt zu Ihren Limits.',
  'playground.grant': 'Zeigen, was übrig ist',
  'playground.grantAbout': 'Die App kann ihre Limits lesen und was sie verbraucht hat.',
  'playground.refresh': 'Access Token erneuern',
  'playground.refreshAbout': 'Das Refresh Token gilt einmal. Die Antwort enthält das nächste.',
  'playground.revoke': 'Zugriff zurückgeben',
  'playground.revokeAbout': 'Alle Tokens enden sofort. Dasselbe können Sie unter „Verbundene Apps“ tun.',
  'playground.refused': 'Ohne Zugriff noch einmal versuchen',
  'playground.refusedAbout': 'Der Proxy weist das Token jetzt zurück.',
  'playground.mismatch': 'Diese Antwort gehört zu keiner Anfrage dieses Tabs. Bitten Sie erneut um Zugriff.',
  'playground.denied': 'Sie haben den Zugriff nicht erlaubt. Bitten Sie erneut um Zugriff, um fortzufahren.',
  'playground.failed':
    'Der letzte Schritt ist fehlgeschlagen. Die Antwort sagt, warum. Bitten Sie erneut um Zugriff, um neu zu beginnen.',
} as const satisfies Record<keyof typeof english, string>;
