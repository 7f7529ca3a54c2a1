/** Signing in with an account at another provider. */
export const identity = {
  'identity.title': 'Other ways to sign in',
  'identity.about': 'Connect an account you have elsewhere, and sign in with it.',
  'identity.none': 'This server offers none.',
  'identity.signIn': 'Sign in with {provider}',
  'identity.or': 'or',
  'identity.connectedAs': 'Connected as {email}.',
  'identity.isConnected': 'Connected.',
  'identity.notConnected': 'Not connected.',
  'identity.connect': 'Connect {provider}',
  'identity.remove': 'Remove {provider}',
  'identity.unreachable': 'We can’t reach {provider} right now. Try again later.',
  'identity.confirm': 'Confirm it’s you to change how you sign in.',
  'identity.connected': 'Connected. You can sign in with it from now on.',
  'identity.removed': 'Removed. It can no longer sign in to this account.',
  'identity.cancelled': 'Nothing was changed, because the sign-in there was canceled.',
  'identity.taken': 'That account signs in to another account of this server. Remove it there first.',
  'identity.signInCancelled': 'The sign-in there was canceled. Try again, or use your email and password.',
  'identity.signInDisabled': 'This account has been turned off. Ask the person who runs this server.',
  'identity.unverified':
    'That provider hasn’t confirmed your email address. Confirm it there, or create an account with a password.',
  'identity.emailTaken':
    'There’s already an account with this email address. Sign in with your password, then connect the other account under “Sign-in and security”.',
  'identity.timeUnknown':
    'This can’t confirm that it’s you, because the other provider doesn’t say when you signed in there. Use your password or a passkey.',
  'identity.setPasswordFirst': 'If you have neither, <link>set a password</link> first.',
  'identity.answerInvalid': 'We couldn’t use the answer of the other provider. Go back and sign in again.',
  'identity.providerDown': 'We can’t reach the other provider right now. Try again in a moment, or use your password.',
  'identity.connectAct': 'Connect another way to sign in',
  'identity.removeAct': 'Remove a way to sign in',
} as const;
