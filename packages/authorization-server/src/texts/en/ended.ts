/** The page for a request that ended because its owner signed out, or because another account is signed in now. */
export const ended = {
  'ended.title': 'Start again',
  'ended.signedOut': 'You signed out while this request was open, so it has ended. You’re now signed in as {email}.',
  'ended.accountChanged': 'This request was for another account. You’re now signed in as {email}.',
  'ended.restart': 'Start again',
  'ended.askAgain': 'Go back to {app} and connect again there.',
  'ended.return': 'Return to {app} without allowing anything',
} as const;
