/** The page "Sign-in and security". */
export const security = {
  'security.title': 'Sign-in and security',
  'security.password': 'Changing it signs you out on all other devices.',
  'security.authenticatorOn': 'Signing in with your password takes a code.',
  'security.authenticatorOff': 'Off. Your password is enough to sign in.',
  'security.passkeys':
    '{count, plural, =0 {You have no passkeys.} one {You have # passkey.} other {You have # passkeys.}}',
  'security.tokens':
    '{count, plural, =0 {None. A token lets a program of yours use your account.} one {# program can use your account.} other {# programs can use your account.}}',
  'security.sessions': 'See your devices, and sign out the ones you don’t use.',
  'security.waysStay': 'Passkeys, connected accounts and recovery codes stay. <link>Check them</link>',
  'security.waysButCodesStay': 'Passkeys and connected accounts stay. <link>Check them</link>',
  'security.devicesStay':
    'Devices that signed in with it stay signed in. <link>Sign out a device that you’ve lost</link>',
  'security.change': 'Change',
  'security.manage': 'Manage',
  'security.show': 'Show',
} as const;
