/** The page "API tokens". */
export const tokens = {
  'tokens.title': 'API tokens',
  'tokens.about':
    'A token lets a program of yours use your account through the <link>JSON API</link>. Keep it secret, as you keep your password. Apps of other people need no token: they ask you for access.',
  'tokens.ends': 'All tokens end when you set a new password.',
  'tokens.created': 'API token created.',
  'tokens.new': 'New token',
  'tokens.newNote': 'Copy it now. It’s shown only once.',
  'tokens.tryIt': 'Try it. The program reads the token from the variable AIPASSPORT_TOKEN.',
  'tokens.createTitle': 'Create a token',
  'tokens.name': 'Name',
  'tokens.nameHint': 'Which program uses it. For example, Dashboard.',
  'tokens.permissions': 'What the program can do',
  'tokens.read':
    'It can always see your connected apps with their limits and usage, your activity, and the apps you build. It never sees an API key of an AI provider.',
  'tokens.manage':
    'Remove access, lower limits, test and delete API keys, sign out devices, and change settings that give no access',
  'tokens.developer': 'Register, change and delete the apps you build, and create secrets for them',
  'tokens.developerWarning':
    'Choose this only for a program you trust. If someone steals this token, they can pass themselves off as your app, send the people who use it to another website, and use the access these people gave it.',
  'tokens.operator':
    'See all accounts and apps of this server, disable accounts, block apps, end approvals and rights to invite, and withdraw invitations',
  'tokens.admin': 'Use the admin API',
  'tokens.adminAbout':
    'Choose only what the program needs. With the admin API, a token is valid for 7 days at most. It ends when you are no longer an operator.',
  'tokens.adminTooLong': 'For the admin API, choose {days, number} days at most.',
  'tokens.validFor': 'Valid for',
  'tokens.create': 'Create token',
  'tokens.confirm': 'Confirm it’s you to create a token.',
  'tokens.listTitle': 'Your tokens',
  'tokens.empty': 'No tokens yet. Tokens you create will appear here.',
  'tokens.canRead': 'Can see your account.',
  'tokens.canManage':
    'Can remove access, lower limits, test and delete API keys, sign out devices, and change settings that give no access.',
  'tokens.canDevelop': 'Can register, change and delete the apps you build, and create secrets for them.',
  'tokens.canOperate':
    'Can see all accounts and apps of this server, disable accounts, block apps, end approvals and rights to invite, and withdraw invitations.',
  'tokens.canAdminister': 'Can use the admin API: {scopes}',
  'tokens.live': 'Valid until {expires}. Created {created}.',
  'tokens.expired': 'Expired {expires}. Created {created}.',
  'tokens.used': 'Last used {used}.',
  'tokens.unused': 'Never used.',
  'tokens.remove': 'Remove',
  'tokens.removed': 'API token removed. Programs can no longer use it.',
  'tokens.tooMany': 'You can have {max, number} tokens. Remove one first.',
  'tokens.badName': 'Enter a name of 1 to 60 visible characters.',
  'tokens.choosePermissions': 'Choose what the program can do.',
  'tokens.chooseLifetime': 'Choose how long the token is valid.',
} as const;
