/** The pages for requests that cannot be answered. */
export const errors = {
  'errors.linkTitle': 'Something’s wrong with this link',
  'errors.overTitle': 'This request is over',
  'errors.formTitle': 'Please try again',
  'errors.notFoundTitle': 'Page not found',
  'errors.tooManyTitle': 'Too many attempts',
  'errors.downTitle': 'We’re having a problem',
  'errors.details': 'Details for developers',
  'errors.goBack':
    'Go back to the app and try again. If it happens again, send the details below to the app’s developers.',
  'errors.requestOver': 'It has expired or was already used. Go back to the app and start again there.',
  'errors.backTo': 'Go to {host}',
  'errors.notFound': 'There’s nothing at this address. Check the link, or go to your connected apps.',
  'errors.malformed': 'The link contains something we can’t read. Go back and try again.',
  'errors.tooLarge': 'This request is too large. Go back and try again with less text.',
  'errors.formOutdated':
    'This form has expired. Go back and copy what you typed. Then reload the page, paste it and try again.',
  'errors.interactionElsewhere':
    'This request was opened in another browser. Continue there, or return to the app and connect again from this browser.',
  'errors.interactionOver': 'This request has expired. Return to the app and try connecting again.',
  'errors.deviceOver': 'This code has expired or was already used. Start again in your terminal.',
  'errors.accountChanged':
    'You’re now signed in to a different account than when you started. Return to the app and try connecting again.',
  'errors.appUnknown': 'We couldn’t find this connected app in your account. You may be signed in to another account.',
  'errors.invitationUnknown': 'We couldn’t find this unused invitation in your account.',
  'errors.providerUnknown': 'We don’t know this AI provider. Go back and choose one from the list.',
  'errors.tooManyAttempts': 'Try again in {minutes, plural, one {# minute} other {# minutes}}.',
  'errors.busy': 'Many people are signing in right now. Try again in a few seconds.',
  'errors.clientUnknown':
    'We don’t recognize the app that sent you here. Go back to the app and try again, or contact its developers.',
  'errors.redirectUnknown':
    'The app wants to send you to an address it hasn’t registered. We didn’t share anything with it. Contact the app’s developers.',
  'errors.clientUnreachable': 'We couldn’t load the app’s information. Return to the app and try again later.',
  'errors.clientInvalid':
    'The app’s information isn’t valid. Nothing was shared with it. Contact the app’s developers.',
  'errors.databaseDown': 'We can’t reach our database right now. Try again in a few seconds.',
  'errors.unexpected': 'Something went wrong on our side. Try again in a moment.',
} as const;
