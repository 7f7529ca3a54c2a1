/** The page "Recovery codes", the page for a forgotten password, and the page that a reset link opens. */
export const recovery = {
  'recovery.title': 'Recovery codes',
  'recovery.about':
    'If you forget your password or lose your device, a recovery code lets you set a new password. Each code works once. Keep them where you keep other important papers, or in a password manager.',
  'recovery.left':
    '{count, plural, =0 {You have no recovery codes.} one {You have # recovery code left.} other {You have # recovery codes left.}}',
  'recovery.unsaved': 'You haven’t confirmed that you saved them. If you don’t have them, create new codes.',
  'recovery.create': 'Create recovery codes',
  'recovery.replace': 'Create new codes',
  'recovery.replaceNote': 'Your old codes will stop working.',
  'recovery.replaceAbout':
    '{count, plural, one {Your # code that is left stops working at once, also on paper.} other {Your # codes that are left stop working at once, also on paper.}}',
  'recovery.confirm': 'Confirm it’s you to create recovery codes.',
  'recovery.created': 'Recovery codes created.',
  'recovery.keep': 'Print these codes or write them down now. They’re shown only once.',
  'recovery.goOn': 'I’ve saved them, continue',
  'recovery.goOnWithout': 'Continue',
  'recovery.forgottenTitle': 'Set a new password',
  'recovery.forgottenAbout': 'Use one of your recovery codes to set a new password.',
  'recovery.linkAbout': 'We can send you a link to set a new password, if you have confirmed your email address.',
  'recovery.sendLink': 'Send link',
  'recovery.linkSent':
    'If this is the confirmed email address of an account, a link is on its way. It works for one hour.',
  'recovery.code': 'Recovery code',
  'recovery.setPassword': 'Set new password',
  'recovery.noCodes':
    'No recovery codes? Ask the person who runs this server for a link that lets you set a new password.',
  'recovery.remembered': 'Remember your password? <link>Sign in</link>',
  'recovery.malformed': 'A recovery code has 16 letters and digits, like ABCD-EFGH-JKMN-PQRS.',
  'recovery.refused': 'Wrong email or recovery code. Each code works only once.',
  'recovery.resetTitle': 'Set a new password',
  'recovery.resetNote':
    'You’ll be signed out everywhere, and your API tokens end. Recovery codes made in the last 30 days are deleted, unless you use an authenticator app. Your connected apps keep their access.',
  'recovery.overTitle': 'This link no longer works',
  'recovery.over': 'It has expired or has already been used.',
  'recovery.overNext': 'Ask for a new one, or <link>use a recovery code</link>.',
} as const;
