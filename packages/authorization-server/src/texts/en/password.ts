/** The page "Change password", and the password field of other forms. */
export const password = {
  'password.title': 'Change password',
  'password.setTitle': 'Set a password',
  'password.old': 'Current password',
  'password.byPasskey': 'Change it with a passkey instead',
  'password.enterOld': 'Enter your current password.',
  'password.toSet': 'Confirm it’s you to set a password.',
  'password.new': 'New password',
  'password.note':
    'You’ll be signed out on all other devices, and your API tokens end. Your connected apps keep their access.',
  'password.changed': 'Password changed. You’re signed out on all other devices.',
  'password.wrong': 'Wrong password.',
  'password.confirmedDownload': 'Confirmed. You can download now.',
  'password.confirmTitle': 'Confirm it’s you',
  'password.toRaise': 'Confirm it’s you to raise a limit or extend access.',
  'password.toRaiseDefaults': 'Confirm it’s you to raise a default for new apps.',
  'password.toRaiseOverall': 'Confirm it’s you to raise or remove the limit.',
  'password.toChangeTimeZone': 'Confirm it’s you to change the time zone.',
  'password.none': 'You have no password yet. Set one to sign in with your email as well.',
  'password.otherWay': 'No password? <link>Sign in again</link> and come back.',
  'password.anotherWay': 'Or <link>sign in again</link> and come back.',
} as const;
