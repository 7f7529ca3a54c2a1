/** The page on which developers try the whole flow. */
export const playground = {
  'playground.title': 'Playground',
  'playground.about':
    'Connect to your own account as an app would, step by step. Each step shows the request and the answer. Tokens are shortened, and the page forgets them when you leave it.',
  'playground.paysOwn':
    'The requests are real and use your {provider} key ending in {ending}. You pay {provider} for them, at most {amount}.',
  'playground.paysRefused':
    'The requests are real and use your {provider} key ending in {ending}, which {provider} refused lately. <link>Replace the key</link>',
  'playground.paysServer':
    'The requests are real and use this server’s {provider} key. Its operator pays for them, at most {amount}.',
  'playground.paysOwnOrServer':
    'The requests are real. They use your {provider} key if you have one here, and you pay {provider} for them, at most {amount}. Otherwise they use this server’s key, and its operator pays.',
  'playground.paysNobody': 'The answers are simulated. They count toward your limits, but cost no real money.',
  'playground.paysOwnOrNobody':
    'The requests use your {provider} key if you have one here, and you pay {provider} for them, at most {amount}. Otherwise the answers are simulated and cost no real money.',
  'playground.paysUsedUp':
    'The requests are real. This server’s {provider} key has reached its limit for this month, so they need a key of yours, and you pay {provider} for them. <link>Add a key</link>',
  'playground.paysMissing':
    'The requests are real. They need an API key for {provider}, and you pay {provider} for them. There is no key yet. <link>Add a key</link>',
  'playground.needsScript': 'The playground needs JavaScript. Turn it on for this page.',
  'playground.reason': 'To try the playground.',
  'playground.request': 'Request',
  'playground.answer': 'Answer',
  'playground.authorize': 'Ask for access',
  'playground.authorizeAbout': 'The app sends the browser to this server. You decide, and come back here with a code.',
  'playground.token': 'Exchange the code for tokens',
  'playground.tokenAbout': 'The code works once, and only together with the code verifier.',
  'playground.chat': 'Send a request to the AI',
  'playground.chatAbout': 'The access token stands in place of the API key. The request counts toward your limits.',
  'playground.grant': 'Show what is left',
  'playground.grantAbout': 'The app can read its limits and what it has used.',
  'playground.refresh': 'Renew the access token',
  'playground.refreshAbout': 'The refresh token works once. The answer has the next one.',
  'playground.revoke': 'Give the access back',
  'playground.revokeAbout': 'All tokens end at once. You can do the same in Connected apps.',
  'playground.refused': 'Try again without access',
  'playground.refusedAbout': 'The proxy refuses the token now.',
  'playground.mismatch': 'This answer doesn’t belong to a request of this tab. Ask for access again.',
  'playground.denied': 'You didn’t allow access. Ask for access again to continue.',
  'playground.failed': 'The last step failed. Its answer says why. Ask for access again to start over.',
} as const;
