/** E-mails. */
export const mail = {
  'mail.footer':
    'AIPassport sends this email because of your account there. You can choose your emails in Settings, Email.',
  'mail.confirmSubject': 'Confirm your email address',
  'mail.confirm': 'An AIPassport account was created with {address}. Confirm that this address is yours.',
  'mail.confirmNew': 'You asked to change the email address of your AIPassport account to {address}.',
  'mail.confirmLink': 'Confirm email address',
  'mail.confirmNote': 'The link works once, within 24 hours. If you didn’t ask for it, ignore this email.',
  'mail.resetSubject': 'Set a new password',
  'mail.reset': 'Someone asked to set a new password for your AIPassport account.',
  'mail.resetLink': 'Set a new password',
  'mail.resetNote':
    'The link works once, within one hour. If you didn’t ask for it, ignore this email. Your password stays the same.',
  'mail.addressChangedSubject': 'Your email address was changed',
  'mail.addressChanged':
    'The email address of your AIPassport account was changed on {at} ({timeZone}). You can no longer sign in with this address.',
  'mail.addressChangedNote':
    'If this wasn’t you, contact the people who run this server right away. Someone else may be using your account.',
  'mail.passwordChangedSubject': 'Your password was changed',
  'mail.passwordChanged': 'The password of your AIPassport account was changed on {at} ({timeZone}).',
  'mail.newDeviceSubject': 'New sign-in to your account',
  'mail.newDevice': 'Your AIPassport account was used to sign in on a new device: {device}, {at} ({timeZone}).',
  'mail.newUnknownDevice': 'Your AIPassport account was used to sign in on a new device on {at} ({timeZone}).',
  'mail.sessionsLink': 'See where you’re signed in',
  'mail.notYou':
    'If this wasn’t you, sign out all other devices and set a new password. If you can no longer sign in, contact the people who run this server.',
  'mail.newAppSubject': 'A new app can use your AI account',
  'mail.newApp': 'You allowed “{app}” to use your AI account on {at} ({timeZone}).',
  'mail.newUnnamedApp': 'You allowed an app to use your AI account on {at} ({timeZone}).',
  'mail.newAppLink': 'See what it can do',
  'mail.newAppNote': 'You can remove its access there at any time.',
  'mail.unwanted': 'You can switch off emails of this kind in Settings, Email.',
} as const;
