/** The pages where an owner enters the code that a terminal shows. */
export const device = {
  'device.title': 'Connect a terminal',
  'device.about': 'Enter the code your terminal shows. Next, you choose what it can use.',
  'device.code': 'Code',
  'device.warning':
    'Continue only if you started this in your own terminal. If someone sent you this code or this link, close the page. Otherwise they could use your AI.',
  'device.continue': 'Continue',
  'device.malformed': 'Enter the 8 letters your terminal shows, like BCDF-GHJK.',
  'device.unknown': 'We don’t recognize this code, or it has expired. Check it in your terminal, or start again there.',
  'device.answeredTitle': 'Return to your terminal',
  'device.answered': 'You can return to your terminal',
  'device.denied': 'Connection canceled. {app} has no access to your AI.',
  'device.allowed':
    'You allowed {app} to use your AI. It continues in a few seconds. <link>View or change its access</link>',
  'device.close': 'You can close this page.',
} as const;
