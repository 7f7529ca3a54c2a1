/** The pages on which owners download their data and delete their account. */
export const ownData = {
  'ownData.title': 'Your data',
  'ownData.settingsAbout': 'Download everything this server stores about you, or delete your account.',
  'ownData.exportTitle': 'Download your data',
  'ownData.exportAbout':
    'A JSON file with your account, devices, apps and their access, requests, invitations and account activity. It doesn’t contain your API keys or your password. We don’t store prompts or answers.',
  'ownData.export': 'Download',
  'ownData.confirmExport': 'Confirm it’s you to download your data.',
  'ownData.deleteTitle': 'Delete account',
  'ownData.deleteAbout': 'Deleting your account can’t be undone.',
  'ownData.deleteNow': 'What happens right away',
  'ownData.deleteAccess': 'All apps lose their access. Answers in progress are cut off.',
  'ownData.deleteOwnApps':
    '{count, plural, one {The app that you build is deleted, and loses its access to everyone’s account:} other {The # apps that you build are deleted, and lose their access to everyone’s account:}}',
  'ownData.deleteKeys':
    'Your API keys are deleted here. They stay valid at your AI providers until you delete them there.',
  'ownData.deleteSessions': 'You’re signed out on all devices.',
  'ownData.deleteRest': 'Your email, settings, invitations and lists of apps and requests are deleted.',
  'ownData.staysTitle': 'What stays',
  'ownData.stays':
    'Amounts, models, times and apps of past requests and the log of events, without your email or any link to you. The person who runs this server needs them for their books.',
  'ownData.typeEmail': 'Type your email to confirm',
  'ownData.delete': 'Delete account',
  'ownData.wrongEmail': 'This isn’t the email of this account.',
  'ownData.confirmDelete': 'Confirm it’s you to delete your account.',
  'ownData.deletedTitle': 'Account deleted',
  'ownData.deleted': 'Your account is deleted and all apps have lost their access.',
  'ownData.deleteOperator':
    'You’re an operator of this server. If nobody else is, make another account an operator before you delete yours.',
  'ownData.onlyOperator':
    'You’re the only operator of this server. Make another account an operator first: someone with access to the server runs “aipassport operators invite”.',
} as const;
