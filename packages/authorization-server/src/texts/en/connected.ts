/** The list of apps, the page of one app, and the page that removes the access of all apps. */
export const connected = {
  'connected.until': 'Access ends {time}',
  'connected.endsSoon': 'Ends soon',
  'connected.limitReached': 'Limit reached',
  'connected.chat': 'chat',
  'connected.embeddings': 'embeddings',
  'connected.images': 'images',
  'connected.audio': 'audio',
  'connected.code': 'running code',
  'connected.web': 'web search',
  'connected.allModels': 'all {provider} models',
  'connected.moreModels': '{count, plural, one {# more model} other {# more models}}',
  'connected.since': 'Access since {time}',
  'connected.several':
    'This app has {count, number} separate accesses, each with its own limits. “Remove access” ends all of them.',
  'connected.removeOne': 'Remove only this access',
  'connected.none': 'This app has no access now. To continue, connect again from the app.',
  'connected.total': '{spent} spent and {count, plural, one {# request} other {# requests}} since {time}.',
  'connected.older': 'Older requests',
  'connected.latest': 'Latest requests',
  'connected.removed':
    'Access removed. The app can no longer use your AI. Ended: {accesses, plural, one {# access} other {# accesses}}, {tokens, plural, one {# access token} other {# access tokens}} and {answers, plural, one {# answer in progress} other {# answers in progress}}.',
  'connected.nothingLeft': 'Select at least one model and one permission, or remove access.',
  'connected.otherLimits': 'Change other limits',
  'connected.changeTitle': 'Change access',
  'connected.back': 'You can now go back to {app}.',
  'connected.backTo': 'Go back to {app} at {host}',
  'connected.noneLeft': 'This app had no access any more. Nothing was changed.',
  'connected.revoked': 'Access removed. The app can no longer use it.',
  'connected.removeAllTitle': 'Remove access for all apps',
  'connected.removeAll': 'Remove access for all apps now',
  'connected.removeAllAbout':
    '{apps, plural, one {# app} other {# apps}} can use your AI now, with {answers, plural, one {# answer in progress} other {# answers in progress}}. This ends all of it at once.',
  'connected.removeAllKeeps': 'Your API keys and settings stay. To use an app again, connect it again.',
  'connected.removedAll':
    'Access removed. No app can use your AI now. Ended: {apps, plural, one {the access of # app} other {the access of # apps}}, {tokens, plural, one {# access token} other {# access tokens}} and {answers, plural, one {# answer in progress} other {# answers in progress}}.',
  'connected.noneLeftAll': 'No app has access to your AI. There is nothing to remove.',
} as const;
