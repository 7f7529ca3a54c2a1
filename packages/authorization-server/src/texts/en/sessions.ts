/** The page "Where you’re signed in". */
export const sessions = {
  'sessions.title': 'Where you’re signed in',
  'sessions.about': 'If you don’t recognize a device, sign it out and change your password.',
  'sessions.device': '{browser} on {system}',
  'sessions.unknownDevice': 'Unknown device',
  'sessions.current': 'This device · Signed in {created}',
  'sessions.other': 'Signed in {created} · Last used {seen}',
  'sessions.end': 'Sign out',
  'sessions.endOthers': 'Sign out on all other devices',
  'sessions.note': 'Your connected apps keep their access.',
  'sessions.endedOne': 'Signed out on that device.',
  'sessions.endedOthers': 'Signed out on all other devices.',
  'sessions.endedNone': 'That device was already signed out.',
} as const;
