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
  'security.change': 'Change',
  'security.manage': 'Manage',
  'security.show': 'Show',
} as const;
