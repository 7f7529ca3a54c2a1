/** The sentence on the consent page that says what is allowed, and the texts around this sentence. */
export const summary = {
  'summary.title': 'What you allow',
  'summary.sentence':
    '{app} can {what, select, chat {chat with {models}} other {use {models} to {actions}}} and {limit, select, none {spend without a limit} more {spend at most {amount} more} other {spend at most {amount}}} until {end, select, day {the end of {time}} other {{time}}}.',
  'summary.ends': '{end, select, day {at the end of {time}} other {{time}}}',
  'summary.until': 'until {end, select, day {the end of {time}} other {{time}}}',
  'summary.incomplete': 'Choose below what {app} can use.',
  'summary.unable': '{app} can’t do anything with this selection: the models and permissions don’t go together.',
  'summary.useless': 'Doesn’t work with this selection: {list}.',
  'summary.check': 'Your choices have changed. Check the summary, then allow.',
  'summary.update': 'Update the summary',
  'summary.allow':
    'Allow {limit, select, none {without a limit} more {up to {amount} more} same {with {amount} as before} other {up to {amount}}}',
  'summary.new': 'New:',
  'summary.asBefore': 'As before:',
  'summary.noLonger': 'No longer:',
  'summary.limitChanged': '{value} instead of {before}',
  'summary.limitLifted': '{label}: none instead of {before}',
  'summary.models': 'Models',
  'summary.change': 'Change',
  'summary.allModels': 'all {provider} models',
  'summary.moreModels': '{count, plural, one {# more model} other {# more models}}',
  'summary.chat': 'chat',
  'summary.embeddings': 'create embeddings',
  'summary.images': 'generate images',
  'summary.audio': 'generate and transcribe speech',
  'summary.code': 'run code',
  'summary.web': 'search the web',
  'summary.enough':
    '{place, select, first {Enough for about} other {Or enough for about}} {use, select, chat {{count, plural, one {# short chat} other {# short chats}}} picture {{count, plural, one {# picture} other {# pictures}}} speech {{count, plural, one {# minute of speech} other {# minutes of speech}}} transcription {{count, plural, one {# minute of transcription} other {# minutes of transcription}}} other {{count, plural, one {# page of text} other {# pages of text}}}} {period, select, month {a month } day {a day } other {}}with {model}.',
  'summary.enoughRange':
    '{place, select, first {Enough for about} other {Or enough for about}} {use, select, chat {{count, plural, one {# short chat} other {# short chats}}} picture {{count, plural, one {# picture} other {# pictures}}} speech {{count, plural, one {# minute of speech} other {# minutes of speech}}} transcription {{count, plural, one {# minute of transcription} other {# minutes of transcription}}} other {{count, plural, one {# page of text} other {# pages of text}}}} {period, select, month {a month } day {a day } other {}}with {dear}, or {many, number} with {cheap}.',
  'summary.notEnough':
    'Not enough for {use, select, chat {a short chat} picture {a picture} speech {a minute of speech} transcription {a minute of transcription} other {a page of text}} with {model}.',
  'summary.shortChat': 'A short chat has {input, number} tokens of input and {output, number} of output.',
  'summary.picture': 'A picture has {tokens, number} tokens of output, as many as one of medium size and quality.',
  'summary.speech': 'A minute of speech has {characters, number} characters.',
  'summary.page': 'A page of text has {tokens, number} tokens.',
  'summary.warnAllModels': 'All {provider} models: the most expensive ones too, and any added later.',
  'summary.warnEveryModel': 'All {count, number} models are selected, the most expensive ones too.',
  'summary.warnExpensive':
    '{model} is expensive: {use, select, chat {a short chat} picture {a picture} speech {a minute of speech} transcription {a minute of transcription} other {a page of text}} costs about {amount}.',
  'summary.warnEverything': 'The app can do everything an app can do here. Most apps need less.',
  'summary.warnMuch': 'This is more than {amount}. Most apps need much less.',
  'summary.warnMuchOverTime': 'Until it ends, the app can spend more than {amount}. Most apps need much less.',
  'summary.warnLong': 'Access for more than {count, number} days. You can extend a shorter one at any time.',
  'summary.failed': 'We couldn’t update this summary. Choose “Allow” to see what your choices allow before you decide.',
} as const;
