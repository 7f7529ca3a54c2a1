/** The frame of every page, and what several pages say. */
export const common = {
  'common.skip': 'Skip to content',
  'common.account': 'Account',
  'common.connectedApps': 'Connected apps',
  'common.apiKeys': 'API keys',
  'common.invitations': 'Invitations',
  'common.settings': 'Settings',
  'common.signOut': 'Sign out',
  'common.signedInAs': 'Signed in as {email}.',
  'common.fixFollowing': 'Please fix the following',
  'common.labelled': '{label}: {problem}',
  'common.incomplete': 'Some fields are missing. Reload the page and try again.',
  'common.email': 'Email',
  'common.password': 'Password',
  'common.timesShownIn': 'Times shown in {timeZone}. <link>Change time zone</link>',
  'common.lessThan': 'less than {amount}',
  'common.save': 'Save',
} as const;
