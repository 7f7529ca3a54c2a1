/** The page "API keys". */
export const keys = {
  'keys.title': 'API keys',
  'keys.about':
    'Add keys from your AI providers. They’re encrypted right away and never shown again, to you or to any app.',
  'keys.forRequest':
    'Once you’ve added a key, you’ll go back to the app’s request. Your choices there are kept. <link>Go back without a key</link>',
  'keys.stored': 'Key saved. For security, only its last 4 characters will be shown.',
  'keys.storedAccepted':
    'Key saved, and the AI provider accepts it. For security, only its last 4 characters will be shown.',
  'keys.storedUntested':
    'Key saved. We couldn’t check it with the AI provider right now. If the provider refuses it later, this page will say so.',
  'keys.tryRefused': '{provider} doesn’t accept this key. Copy it again, or create a new one.',
  'keys.tryUnpaid': 'Your account at {provider} has no credit. Add credit there, then try again.',
  'keys.keepRefused': 'Save the key anyway',
  'keys.whereFrom': 'Where to get a key',
  'keys.usedThisMonth':
    'This month with your own {provider} keys: {cost} for {count, plural, one {# request} other {# requests}}.',
  'keys.name': 'Name',
  'keys.nameOptional': 'Name (optional)',
  'keys.addName': 'Add a name',
  'keys.rename': 'Change name',
  'keys.named': 'Name saved.',
  'keys.badName': 'Use 60 characters or fewer.',
  'keys.test': 'Test',
  'keys.testAccepted': 'Test ({time}): {provider} accepts this key.',
  'keys.testRefused': 'Test ({time}): {provider} doesn’t accept this key. Replace it.',
  'keys.testUnpaid': 'Test ({time}): your account at {provider} has no credit. Add credit there.',
  'keys.testUnknown': 'Test ({time}): {provider} didn’t give a clear answer. Try again later.',
  'keys.testUnusable': 'Test ({time}): this server can’t use the key for {provider} any more. Add it again.',
  'keys.testRunning': 'A test at {provider} is still running (started: {time}). Reload this page in a moment.',
  'keys.testUnanswered': 'The test at {provider} ({time}) got no result. Try again later.',
  'keys.deletedServer': 'Key deleted here. Delete it at {provider} too. Apps now use this server’s key.',
  'keys.deletedUsedUp':
    'Key deleted here. Delete it at {provider} too. This server’s key has reached its limit until {at} ({timeZone}). Until then, apps can’t use {provider} unless you add a key.',
  'keys.deletedSimulated': 'Key deleted here. Delete it at {provider} too. Answers are simulated until you add a key.',
  'keys.deletedMissing':
    'Key deleted here. Delete it at {provider} too. Apps can’t use {provider} until you add a key.',
  'keys.absent': 'You have no key for this provider.',
  'keys.refused':
    '{provider} refused a request with this key ({time}). Check your account there, or replace the key. It said: {reason}',
  'keys.refusedInvalid':
    '{provider} no longer accepts this key ({time}). Replace it with a new one from your account there. It said: {reason}',
  'keys.refusedUnpaid':
    'Your account at {provider} has no credit left, or has reached a limit ({time}). Add credit or raise the limit there. It said: {reason}',
  'keys.refusedBilling':
    '{provider} reports a problem with the billing of your account ({time}). Check your payment details there. It said: {reason}',
  'keys.refusedForbidden':
    '{provider} doesn’t allow this key to make such a request ({time}). Check the key’s permissions there, or replace the key. It said: {reason}',
  'keys.delete': 'Delete',
  'keys.deleteKey': 'Delete an API key',
  'keys.deleteNow': 'Delete key',
  'keys.deleteApps':
    '{count, plural, =0 {No connected app can use {provider} now.} one {# connected app can use {provider}.} other {# connected apps can use {provider}.}}',
  'keys.thenServer': 'After this, requests for models of {provider} use this server’s key.',
  'keys.thenSimulated': 'After this, answers for models of {provider} are simulated until you add a key.',
  'keys.thenMissing': 'After this, requests for models of {provider} are refused until you add a key.',
  'keys.deleteStays': 'We can’t show you the key again. It stays valid at {provider} until you delete it there.',
  'keys.warnRefused':
    '{provider} refuses your API key, so requests of apps for its models fail. <link>Check the key</link>',
  'keys.warnUsedUp':
    'This server’s own key for {provider} has reached its limit until {at} ({timeZone}), so requests of apps for its models fail. <link>Add your own key</link>',
  'keys.warnMissing':
    'There is no API key for {provider}, so requests of apps for its models fail. <link>Add a key</link>',
  'keys.unused': '{ending} added {added}, not used yet. For {host} only.',
  'keys.used': '{ending} added {added}, last used {used}. For {host} only.',
  'keys.operatorKey': 'This server’s own key is used. Add yours to use it instead.',
  'keys.operatorKeyUsedUp':
    'This server’s own key has reached its limit until {at} ({timeZone}). Add yours to continue.',
  'keys.simulated': 'No key. Answers are simulated until you add one.',
  'keys.none': 'No key yet. Apps can’t use these models.',
  'keys.confirm': 'Confirm it’s you to add a key.',
  'keys.confirmDeletion': 'Confirm it’s you to delete the key.',
  'keys.addTitle': 'Add a key',
  'keys.provider': 'AI provider',
  'keys.key': 'API key',
  'keys.again': 'Paste the key again. For your safety, it isn’t shown again.',
  'keys.replaces': 'If you already have a key for this provider, the new key replaces it.',
  'keys.asSpare':
    'Keep the key I have for this provider, and add this one as a spare. Apps use a spare key only after you put it first.',
  'keys.tooMany': 'You have the most spare keys that this server stores for one provider. Delete one first.',
  'keys.spareKey': '{provider}: spare key',
  'keys.absentSpare': 'That spare key is gone, or is first now. This is the current list.',
  'keys.putFirst': 'Put first',
  'keys.first': 'Key put first. Apps use it from now on.',
  'keys.deletedNext': 'Key deleted here. Delete it at {provider} too. Apps now use your next key, …{ending}.',
  'keys.deletedSpare': 'Spare key deleted here. Delete it at {provider} too.',
  'keys.thenNext': 'After this, requests for models of {provider} use your next key, …{ending}.',
  'keys.thenUnchanged': 'Apps don’t use this key now, so nothing changes for them.',
  'keys.add': 'Add key',
  'keys.chooseProvider': 'Choose an AI provider from the list.',
  'keys.malformed': 'That doesn’t look like a complete API key. Copy it again.',
  'keys.malformedFor': 'That doesn’t look like a complete {provider} API key. Copy it again.',
  'keys.subscription':
    'This belongs to a subscription with {provider}, which is for your own use only. Create an API key in the {provider} console.',
  'keys.session': 'This belongs to a sign-in and isn’t an API key. Create an API key in the {provider} console.',
  'keys.otherProvider': 'This looks like a key from {other}, not {provider}.',
} as const;
