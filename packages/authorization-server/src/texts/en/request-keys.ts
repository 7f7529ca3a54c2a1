/** The part of the consent page that says which API key is used at each AI provider. */
export const requestKeys = {
  'requestKeys.title': 'API keys',
  'requestKeys.own': '{provider}: your key ending in {ending}',
  'requestKeys.ownUnchecked': '{provider}: your key ending in {ending}, not checked yet',
  'requestKeys.ownRefused': '{provider} recently refused your key ending in {ending}',
  'requestKeys.server': '{provider}: this server’s key',
  'requestKeys.serverUsedUp': '{provider}: this server’s key has reached its limit until {at} ({timeZone})',
  'requestKeys.simulated': '{provider}: answers are simulated, and count toward the limits',
  'requestKeys.missing': '{provider}: no API key yet. Requests are refused until you add one.',
  'requestKeys.add': 'Add a key',
  'requestKeys.replace': 'Replace the key',
  'requestKeys.allSimulated': 'Answers are simulated here. They count toward the limits, but cost no real money.',
} as const;
