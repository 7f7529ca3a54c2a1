/** E-mails. */
export const mail = {
  'mail.footer':
    'AIPassport sends this email because of your account there. You can choose your emails in Settings, Email.',
  'mail.lastFooter': 'AIPassport sends this last email because you had an account there.',
  'mail.confirmSubject': 'Confirm your email address',
  'mail.confirm': 'An AIPassport account was created with {email}. Confirm that this address is yours.',
  'mail.confirmNew': 'You asked to change the email address of your AIPassport account to {email}.',
  'mail.confirmLink': 'Confirm email address',
  'mail.confirmNote': 'The link works once, within 24 hours. If you didn’t ask for it, ignore this email.',
  'mail.resetSubject': 'Set a new password',
  'mail.reset': 'Someone asked to set a new password for your AIPassport account.',
  'mail.resetLink': 'Set a new password',
  'mail.resetNote':
    'The link works once, within one hour. If you didn’t ask for it, ignore this email. Your password stays the same.',
  'mail.emailChangedSubject': 'Your email address was changed',
  'mail.emailChanged':
    'The email address of your AIPassport account was changed on {at} ({timeZone}). You can no longer sign in with this address.',
  'mail.emailChangedNote':
    'If this wasn’t you, contact the people who run this server right away. Someone else may be using your account.',
  'mail.passwordChangedSubject': 'Your password was changed',
  'mail.passwordChanged': 'The password of your AIPassport account was changed on {at} ({timeZone}).',
  'mail.signInChangedSubject': 'How you sign in was changed',
  'mail.signInChanged': 'How you sign in to your AIPassport account was changed on {at} ({timeZone}): {change}.',
  'mail.securityLink': 'Check how you sign in',
  'mail.notYourChange':
    'If this wasn’t you, sign out all other devices and set a new password. A new password doesn’t end passkeys, connected accounts or authenticator apps, and recovery codes may still work: remove those that aren’t yours, and create new recovery codes. If you can no longer sign in, contact the people who run this server.',
  'mail.tokenChangedSubject': 'API tokens of your account',
  'mail.tokenChanged':
    'An API token lets a program use your AIPassport account. This happened on {at} ({timeZone}): {change}.',
  'mail.tokenChangedLink': 'See your API tokens',
  'mail.tokenChangedNote':
    'If this wasn’t you, set a new password. That ends all API tokens, and signs you out on all other devices.',
  'mail.ownClientSubject': 'An app you build was changed',
  'mail.ownClientRedirects': '{app}, which you build, got other redirect addresses on {at} ({timeZone}).',
  'mail.ownClientSecret': '{app}, which you build, got a new secret on {at} ({timeZone}).',
  'mail.ownClientLink': 'See this app',
  'mail.ownClientNote':
    'If this wasn’t you, someone could pass themselves off as your app. Set a new password, which also ends all API tokens. Then check the redirect addresses of the app, create a new secret, and end the earlier secrets.',
  'mail.operatorAddedSubject': 'You can now manage this server',
  'mail.operatorAdded':
    'Your AIPassport account became an operator of {server} on {at} ({timeZone}). It can manage accounts, apps and shared API keys there.',
  'mail.operatorLink': 'Open the operator’s pages',
  'mail.operatorRemovedSubject': 'You can no longer manage this server',
  'mail.operatorRemoved':
    'Your AIPassport account stopped being an operator of {server} on {at} ({timeZone}). Your API keys and connected apps stay as they are.',
  'mail.operatorNote': 'If you didn’t expect this, contact the people who run this server.',
  'mail.accountDeletedSubject': 'Your account was deleted',
  'mail.accountDeleted':
    'Your AIPassport account at {server} was deleted on {at} ({timeZone}), with your API keys. Your apps can no longer use your AI account.',
  'mail.accountDeletedNote':
    'If this wasn’t you, contact the people who run this server. Your API keys still work at your AI providers, until you delete them there.',
  'mail.newDeviceSubject': 'New sign-in to your account',
  'mail.newDevice': 'Your AIPassport account was used to sign in on a new device: {device}, {at} ({timeZone}).',
  'mail.newUnknownDevice': 'Your AIPassport account was used to sign in on a new device on {at} ({timeZone}).',
  'mail.sessionsLink': 'See where you’re signed in',
  'mail.notYou':
    'If this wasn’t you, sign out all other devices and set a new password. If you can no longer sign in, contact the people who run this server.',
  'mail.newAppSubject': 'A new app can use your AI account',
  'mail.newApp': '{app} got access to your AI account on {at} ({timeZone}). You allowed it.',
  'mail.changedAppSubject': 'The access of an app was changed',
  'mail.changedApp': 'You changed the access of {app} to your AI account on {at} ({timeZone}).',
  'mail.namedApp': '“{app}”',
  'mail.unnamedApp': 'An app',
  'mail.newAppLink': 'See what it can do',
  'mail.newAppNote': 'You can remove its access there at any time.',
  'mail.unwanted': 'You can switch off emails of this kind in Settings, Email.',
  'mail.budgetSubject': '80% of a spending limit is used',
  'mail.budgetReachedSubject': 'A spending limit is reached',
  'mail.budgetTotal': '{app} has spent {used} of its total limit of {limit}.',
  'mail.budgetMonth': '{app} has spent {used} this month. Its monthly limit is {limit}.',
  'mail.budgetDay': '{app} has spent {used} today. Its daily limit is {limit}.',
  'mail.budgetOverall': 'Your apps together have spent {used} this month. Your overall limit is {limit}.',
  'mail.budgetNear': 'When a limit is reached, further requests are refused.',
  'mail.budgetReached':
    'Further requests are refused until you raise the limit. A daily or monthly limit also starts again with the next day or month.',
  'mail.budgetLink': 'See or change the limit',
  'mail.keyRefusedSubject': 'Your API key was refused',
  'mail.keyRefused': '{provider} refused requests with your API key. Apps can’t use {provider} until this is solved.',
  'mail.keyRefusedLink': 'See your API keys',
  'mail.accessEndsSubject': 'The access of an app ends soon',
  'mail.accessEnds': '{app} can use your AI account until {at} ({timeZone}).',
  'mail.accessEndsLink': 'Extend or change access',
} as const;
