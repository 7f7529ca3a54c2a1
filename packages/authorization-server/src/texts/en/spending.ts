/** The fields for money on the consent page. */
export const spending = {
  'spending.title': 'How much it can spend',
  'spending.asked': 'The app asks for {amount}.',
  'spending.other': 'Other',
  'spending.amount': 'Amount in US dollars',
  'spending.none': 'No limit',
  'spending.noneWarning': 'Without a limit, the app could spend all the money of your AI accounts.',
  'spending.acceptNone': 'I accept that there is no limit',
  'spending.acceptNoneMissing': 'Confirm that there is no limit, or choose an amount.',
  'spending.choose': 'Choose how much the app can spend.',
  'spending.unclear': 'You entered an amount and also selected another choice. Choose one.',
  'spending.allApps': 'All your apps together: {limit} a month, {left} left.',
  'spending.otherApps': 'Your other apps can spend up to {amount} more this month.',
  'spending.otherAppsNoLimit': 'Your other apps can spend without a limit.',
  'spending.remember': 'Remember this amount and duration for other apps',
} as const;
