/** The page "Change password", and the password field of other forms. */
export const password = {
  'password.title': 'Change password',
  'password.new': 'New password',
  'password.submit': 'Change password',
  'password.note':
    'You’ll be signed out on all other devices, and your API tokens end. Your connected apps keep their access.',
  'password.changed': 'Password changed. You’re signed out on all other devices.',
  'password.wrong': 'Wrong password.',
  'password.confirmedDownload': 'Confirmed. You can download now.',
  'password.confirmTitle': 'Confirm it’s you',
  'password.toRaise': 'Enter your password to raise a limit or extend access.',
  'password.toRaiseOverall': 'Enter your password to raise or remove the limit.',
  'password.toChangeTimeZone': 'Enter your password to change the time zone.',
  'password.none': 'You have no password yet. Set one to sign in with your email as well.',
  'password.otherWay': 'No password? <link>Sign in again</link> and come back.',
} as const;
