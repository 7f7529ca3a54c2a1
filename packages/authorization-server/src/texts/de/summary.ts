import type { summary as english } from '../en/summary.js';

export const summary = {
  'summary.title': 'Was Sie erlauben',
  'summary.sentence':
    '{app} kann {what, select, chat {mit {models} chatten} other {mit {models} {actions}}} und {limit, select, none {ohne Limit Geld ausgeben} more {höchstens weitere {amount} ausgeben} other {höchstens {amount} ausgeben}}, bis {end, select, day {{time}, 24:00 Uhr} other {{time}}}.',
  'summary.incomplete': 'Wählen Sie unten, was {app} nutzen kann.',
  'summary.nothing': 'Es ist nichts ausgewählt. {app} bekommt keinen Zugriff.',
  'summary.check': 'Ihre Auswahl hat sich geändert. Prüfen Sie die Zusammenfassung, und erlauben Sie dann.',
  'summary.update': 'Zusammenfassung aktualisieren',
  'summary.allow':
    '{limit, select, none {Ohne Limit erlauben} more {Bis {amount} zusätzlich erlauben} other {Bis {amount} erlauben}}',
  'summary.models': 'Modelle',
  'summary.change': 'Ändern',
  'summary.allModels': 'allen Modellen von {provider}',
  'summary.moreModels': '{count, plural, one {# weiteren Modell} other {# weiteren Modellen}}',
  'summary.chat': 'chatten',
  'summary.embeddings': 'Embeddings erzeugen',
  'summary.images': 'Bilder erzeugen',
  'summary.audio': 'Sprache erzeugen und mitschreiben',
  'summary.code': 'Code ausführen',
  'summary.web': 'im Web suchen',
  'summary.chats': 'Etwa {count, number} kurze Chats mit {model}.',
  'summary.chatsRange': 'Etwa {few, number} kurze Chats mit {dear}, oder {many, number} mit {cheap}.',
  'summary.noChat': 'Zu wenig für einen kurzen Chat mit {model}.',
  'summary.shortChat': 'Ein kurzer Chat hat {input, number} Tokens Eingabe und {output, number} Tokens Ausgabe.',
  'summary.warnAllModels': 'Alle Modelle von {provider}: auch die teuersten, und alle, die später dazukommen.',
  'summary.warnEveryModel': 'Alle {count, number} Modelle sind ausgewählt, auch die teuersten.',
  'summary.warnExpensive': '{model} ist teuer: Ein kurzer Chat kostet etwa {amount}.',
  'summary.warnEverything': 'Die App kann alles tun, was eine App hier tun kann. Die meisten Apps brauchen weniger.',
  'summary.warnMuch': 'Das ist mehr als {amount}. Die meisten Apps brauchen viel weniger.',
  'summary.warnMuchOverTime':
    'Bis zum Ende kann die App mehr als {amount} ausgeben. Die meisten Apps brauchen viel weniger.',
  'summary.warnLong': 'Zugriff für mehr als {count, number} Tage. Einen kürzeren können Sie jederzeit verlängern.',
} as const satisfies Record<keyof typeof english, string>;
