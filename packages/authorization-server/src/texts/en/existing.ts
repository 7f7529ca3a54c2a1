/** The consent page of an app that has access already. */
export const existing = {
  'existing.allowed': 'You already allow {app}: {use}, until {time}.',
  'existing.severalAllowed':
    'You already gave {app} access {count, plural, one {# time} other {# times}}: {use}, until {time}.',
  'existing.thisApp': 'this app',
  'existing.spent': '{used} spent, no spending limit',
  'existing.spentOnly': '{used} spent',
  'existing.spentOf': '{used} of {limit}',
  'existing.spentOfMonth': '{used} of {limit} this month',
  'existing.spentOfDay': '{used} of {limit} today',
  'existing.requestsOf': '{used} of {limit} requests',
  'existing.replace': '{count, plural, one {Replace it} other {Replace all}}',
  'existing.add': '{count, plural, one {Add to it} other {Add to them}}',
  'existing.addNote':
    '{count, plural, one {The app can then spend both amounts.} other {The app can then spend all amounts.}}',
  'existing.elsewhere': 'Replacing also ends this app’s access on your other devices.',
  'existing.wantsAnother': 'The app asks for separate access, besides the one it has.',
  'existing.changed': 'The app got access in the meantime. Choose what happens to it.',
  'existing.sumOf': '{used} of {limit} in total',
} as const;
